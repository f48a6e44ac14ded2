"""Forbidden packages: an import is answered with a sentence, and no file of theirs can be opened.

NumPy problems need nothing else: what they forbid is all of PyTorch.
"""

from __future__ import annotations

import glob
import importlib.abc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

_SYSTEM_LIBRARIES: Final = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib"))


class ForbiddenPackage(ImportError):  # noqa: N818 - it is a verdict, not an error
    """Raised in the place of importing a forbidden package; `name` says which."""


def forbid_packages(names: Sequence[str]) -> None:
    """Answer an import of these packages with a sentence; the sandbox keeps their files closed."""
    if names:
        sys.meta_path.insert(0, _Forbidden(frozenset(names)))


class _Forbidden(importlib.abc.MetaPathFinder):
    """Refuse to find some packages."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> None:
        package = fullname.partition(".")[0]
        if package in self._names:
            raise ForbiddenPackage(f"{package} cannot be imported here", name=package)


def find_packages(names: Sequence[str]) -> list[Path]:
    """Find the places from which packages could be imported, the interpreter's and the system's."""
    # the system's too: a submission can put any readable folder on its path
    system = {folder for root in _SYSTEM_LIBRARIES for folder in root.glob("python3*/*-packages")}
    folders = {Path(entry) for entry in sys.path if entry} | system
    places = (path for folder in sorted(folders) for name in names for path in _list_places(folder, name))
    return [path for path in places if os.path.lexists(path)]


def _list_places(folder: Path, name: str) -> Iterator[Path]:
    """List a package's folder, its module as source or compiled, and the libraries that its wheel brought."""
    yield from (folder / name, folder / f"{name}.py", folder / f"{name}.libs")
    yield from folder.glob(f"{glob.escape(name)}.*.so")
