"""The caller's own libraries: what of their folders a submission may read, and what stays closed.

They come from editable installs, PYTHONPATH and `.pth` files. Whoever put a folder there said that its
modules may be imported; of its other files, nothing.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from torch_judge.model.version import PACKAGE

MOST_ENTRIES: Final = 50_000
"""So many files and folders of a library are looked at; one with more stays closed."""
DEEPEST_NAMESPACE: Final = 3
_HOMES: Final = {Path("/home"), Path("/Users")}
"""Where the folders of users lie that this system's own list does not name."""
_OF_A_PROBLEM: Final = ({"problem.toml"}, {"cases.py", "solution.py"}, {"cases.py", "starter.py"})
_ARCHIVES: Final = (f"{PACKAGE.name}-", "torch-judge-")
"""How the wheels and archives of this project begin; the bank is in them."""
_FINDER: Final = ("__editable__", "_finder")


def list_own_libraries(forbidden: Iterable[Path], readable: Iterable[str]) -> Iterator[Path]:
    """List the modules and packages of the folders of `sys.path`, and of finders of editable installs.

    Those in what is `readable` anyway are left out. A folder with something forbidden
    in it, or a bank or a checkout of this project, stays closed; so does one that is a home, or above one or
    the scratch folders.
    """
    closed = {PACKAGE, *(path.resolve() for path in forbidden)}
    open_anyway = {Path(path).resolve() for path in set(readable) if path}
    for entry in dict.fromkeys(sys.path):
        folder = Path(entry)
        if not folder.is_absolute() or not folder.is_dir():
            continue
        resolved = folder.resolve()
        if open_anyway.isdisjoint((resolved, *resolved.parents)) and not _is_closed(resolved, closed):
            yield from _list_importable(folder, DEEPEST_NAMESPACE)
    for place in _list_mapped():
        folder = place if place.is_dir() else place.parent
        if place.is_absolute() and place.exists() and not _is_closed(folder.resolve(), closed):
            yield place


def _list_importable(folder: Path, namespaces: int, *, modules: bool = True) -> Iterator[Path]:
    """List the modules in a folder, and the packages, also those in packages without an `__init__.py`.

    No link is followed. A folder without `__init__.py` may hold anything: of its own files, none is listed.
    """
    with contextlib.suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            stem, dot, _ = entry.name.partition(".")
            if entry.is_symlink() or not stem.isidentifier():
                continue
            if entry.is_file():
                if modules and entry.name.endswith(tuple(importlib.machinery.all_suffixes())):
                    yield Path(entry.path)
            elif not dot and any(os.path.isfile(f"{entry.path}/__init__{end}") for end in _endings()):  # noqa: PTH113 - a Path raises where a folder is closed
                yield Path(entry.path)
            elif not dot and namespaces:
                yield from _list_importable(Path(entry.path), namespaces - 1, modules=False)


def _endings() -> list[str]:
    return importlib.machinery.all_suffixes()


def _list_mapped() -> Iterator[Path]:
    """List what the finders of editable installs map names to; they are loaded by `.pth` files.

    setuptools writes a module with tables, others use the package `editables`.
    """
    before, after = _FINDER
    for name, module in list(sys.modules.items()):
        if name.startswith(before) and name.endswith(after):
            yield from _list_places(getattr(module, "MAPPING", None))
    redirector = getattr(sys.modules.get("editables.redirector"), "RedirectingFinder", None)
    yield from _list_places(getattr(redirector, "_redirections", None))


def _list_places(mapping: object) -> Iterator[Path]:
    """List the packages' folders and the modules' files; an `__init__.py` stands for its folder."""
    for place in mapping.values() if isinstance(mapping, dict) else ():
        if isinstance(place, str) and place:
            path = Path(place)
            candidates = (path, *(path.with_name(path.name + end) for end in _endings()))
            found = next((candidate for candidate in candidates if candidate.exists()), path)
            yield found.parent if found.name == "__init__.py" else found


# --- what stays closed ---


def _is_closed(folder: Path, closed: AbstractSet[Path]) -> bool:
    """Tell whether a folder may not be a library; `folder` is resolved."""
    apart = {Path.home(), *_list_homes(), Path(tempfile.gettempdir())}
    above = {parent for path in apart for parent in (path.resolve(), *path.resolve().parents)}
    within = (folder, *folder.parents)
    return (
        not closed.isdisjoint(within)
        or folder in above | _HOMES
        or folder.parent in _HOMES
        or any(_is_ours(str(path), _list_names(path)) for path in within)
        or _holds_closed(folder, closed)
    )


def _list_homes() -> Iterator[Path]:
    """List the users' folders; the server's own HOME says nothing of its user's."""
    with contextlib.suppress(ImportError):
        import pwd

        yield from (Path(user.pw_dir) for user in pwd.getpwall() if Path(user.pw_dir) != Path("/"))


def _is_ours(folder: str, names: Collection[str]) -> bool:
    """Tell by the names in a folder whether it is a problem, or holds the judge's package or its archives."""
    known = set(names)
    return (
        any(signs <= known for signs in _OF_A_PROBLEM)
        or any(name.startswith(_ARCHIVES) for name in known)
        or (PACKAGE.name in known and os.path.exists(f"{folder}/{PACKAGE.name}/__init__.py"))  # noqa: PTH110 - a Path raises where a folder is closed
    )


def _list_names(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder)  # noqa: PTH208 - of many, only the names are asked for
    return []


def _holds_closed(top: Path, closed: AbstractSet[Path]) -> bool:
    """Tell whether a folder holds something forbidden, a problem or the judge, or too much to tell.

    At its top, what is hidden and virtual environments are passed over: nothing of them is listed.
    """
    waiting, left = [str(top)], MOST_ENTRIES
    names_closed = {str(path) for path in closed}
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:  # what we cannot read, a submission cannot
            continue
        left -= len(entries)
        if left < 0 or folder in names_closed or _is_ours(folder, [entry.name for entry in entries]):
            return True
        at_top = folder == str(top)
        for entry in entries:
            passed_over = at_top and (entry.name.startswith(".") or _is_environment(entry.path))
            if entry.is_dir(follow_symlinks=False) and not passed_over:
                waiting.append(entry.path)
            elif entry.path in names_closed:
                return True
    return False


def _is_environment(folder: str) -> bool:
    return os.path.exists(f"{folder}/pyvenv.cfg")  # noqa: PTH110 - a Path raises where a folder is closed
