"""What a server works out once for all its workers: what they may read, who they become, the filters."""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .identity import User, choose_user
from .landlock import build_rules
from .libraries import list_own_libraries
from .seccomp import build_filter

if TYPE_CHECKING:
    from landlockpy import Ruleset
    from seccompy import Filter

_SYSTEM: Final = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/usr/share/locale"),
    *("/etc/ld.so.cache", "/etc/localtime"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node", "/proc/cpuinfo", "/proc/meminfo"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
PACKAGE_FOLDERS: Final = {"site-packages", "dist-packages", "lib-dynload"}
_NO_MODULE: Final = "torch_judge_has_no_such_module"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all workers are allowed; where a layer cannot be had, the reason stands in its place."""

    server: int
    readable: tuple[Path, ...]
    user: User
    user_reason: str
    files: Ruleset | str
    calls: Filter | str

    def close(self) -> None:
        """Let go of the descriptor that it holds."""
        if not isinstance(self.files, str):
            self.files.close()


def prepare(*, forbidden: Sequence[Path], writable: Path | None = None) -> Prepared:
    """Work out what every worker of this process will be allowed, with everything imported and one thread.

    No file in a forbidden folder is readable, even inside a folder that is: its other entries are allowed.
    `writable` holds the scratch folders, the only place where files may be made.
    """
    # an enumerated folder cannot be listed later, so that the import system must know its entries by now
    importlib.machinery.PathFinder.find_spec(_NO_MODULE)
    for folder in {parent for path in forbidden for parent in path.resolve().parents}:
        importlib.machinery.PathFinder.find_spec(_NO_MODULE, [str(folder)])
    readable = tuple(_list_readable(_list_needed(), forbidden))
    # only of what every check needs: no library in somebody's folder is worth a weaker user
    user, user_reason = choose_user(readable)
    own = list(list_own_libraries(forbidden, _list_python_folders()))
    for folder in {path.parent for path in own}:  # they are enumerated folders, too
        importlib.machinery.PathFinder.find_spec(_NO_MODULE, [str(folder)])
    readable += tuple(_list_readable(map(str, own), forbidden))
    files = build_rules(readable, writable)
    # seccomp sees no paths: it allows making files only where Landlock says in which folder
    writes = writable is not None and not isinstance(files, str)
    return Prepared(os.getpid(), readable, user, user_reason, files, build_filter(writes=writes))


def _list_needed() -> Iterator[str]:
    """List the folders and files that torch, numpy and the standard library read while they run."""
    yield from _list_python_folders()
    yield from _list_libraries()
    yield from _SYSTEM


def _list_readable(paths: Iterable[str], forbidden: Sequence[Path]) -> Iterator[Path]:
    """List what covers the paths but nothing forbidden in them."""
    wanted = {Path(path).resolve() for path in set(paths) if path}
    hidden = {path.resolve() for path in forbidden}
    above = {str(parent) for path in hidden for parent in path.parents}
    names = {str(path) for path in hidden}
    for path in sorted(wanted):
        # a path below a wanted one is covered by it, and one below a hidden one stays hidden
        covered = not wanted.isdisjoint(path.parents) or not names.isdisjoint(map(str, path.parents))
        if os.access(path, os.R_OK) and not covered:
            yield from map(Path, _leave_out(str(path), names, above))


def _list_python_folders() -> Iterator[str]:
    """List the standard library, the package and library folders of this interpreter and its base."""
    yield from (sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    yield from (str(Path(prefix, "lib")) for prefix in prefixes)
    yield from (entry for entry in sys.path if Path(entry).resolve().name in PACKAGE_FOLDERS)


def _list_libraries() -> Iterator[str]:
    """List the shared libraries that this process has mapped: they may be looked at again."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
            path = line.partition("/")[2]
            if ".so" in path:
                yield "/" + path


def _leave_out(path: str, hidden: AbstractSet[str], above: AbstractSet[str]) -> Iterator[str]:
    """List what covers a path but none of the hidden ones; `above` are the folders on the way to them.

    Landlock can only allow: a folder with something hidden in it is replaced by its other entries.
    """
    if path in hidden:
        return
    if path not in above:
        yield path
        return
    with contextlib.suppress(OSError):
        for entry in os.scandir(path):
            if not entry.is_symlink():  # a rule would cover what the link points to, wherever that is
                yield from _leave_out(entry.path, hidden, above)
