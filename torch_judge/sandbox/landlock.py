"""The layer of files: Landlock rules for what may be read, and for the one folder that may be written."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landlockpy import AccessFS, Ruleset


def build_rules(readable: Iterable[Path], writable: Path | None) -> Ruleset | str:
    """Build the Landlock rules that all workers share, or say why there are none."""
    try:
        import landlockpy
    except ImportError:
        return "landlockpy is not installed"
    try:
        if not landlockpy.supported():
            return f"this system ({platform.system()} {platform.release()}) has no Landlock"
        rights = landlockpy.AccessFS
        rules = landlockpy.Ruleset(scoped=landlockpy.Scope.SIGNAL | landlockpy.Scope.ABSTRACT_UNIX_SOCKET)
        for path in readable:
            with contextlib.suppress(FileNotFoundError, PermissionError):  # what we cannot open, nobody needs
                rules.allow_path(path, rights.READ_FILE | (rights.READ_DIR if path.is_dir() else rights.NONE))
        if writable is not None:
            rules.allow_path(writable, _combine_writing_rights(rights))
        rules.allow_path(os.devnull, rights.READ_FILE | rights.WRITE_FILE)
    except (OSError, AttributeError) as error:
        return f"Landlock cannot be used: {error}"
    return rules


def _combine_writing_rights(rights: type[AccessFS]) -> AccessFS:
    """Combine all that is done to plain files and folders; links, pipes, sockets and devices are not made."""
    files = rights.READ_FILE | rights.WRITE_FILE | rights.TRUNCATE | rights.MAKE_REG | rights.REMOVE_FILE
    return files | rights.READ_DIR | rights.MAKE_DIR | rights.REMOVE_DIR | rights.REFER


def restrict_files(rules: Ruleset | str, scratch: Path | None) -> str | None:
    """Enter the rules that all workers share, and its own: only its scratch may be written."""
    if isinstance(rules, str):
        return rules
    import landlockpy

    rights = landlockpy.AccessFS
    # a second set, since the shared rules allow the folder of all scratches; what both allow is allowed
    own = landlockpy.Ruleset(
        handled_fs=_combine_writing_rights(rights) & ~(rights.READ_FILE | rights.READ_DIR)
    )
    try:
        if scratch is not None:
            own.allow_path(scratch, own.handled_fs)
        own.allow_path(os.devnull, rights.WRITE_FILE)
        own.restrict()
        rules.restrict()
    finally:
        own.close()
        rules.close()
    return None


def has_signal_scope(rules: Ruleset | str) -> bool:
    """Tell whether the rules also keep signals from leaving."""
    return not isinstance(rules, str) and bool(rules.scoped)
