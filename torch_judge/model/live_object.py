"""A submission from a live object of a notebook or a script: pickled, with the local modules that it uses."""

from __future__ import annotations

import linecache
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from .edited_modules import describe_edited, list_codes
from .submission import Carried, Cell, Submission, describe_excess, find_modules, insert_notebooks
from .version import PACKAGE

if TYPE_CHECKING:
    from .pickler import Pickled

LARGEST_PICKLE: Final = 128 << 20
DEEPEST_BLAME: Final = 8
MOST_DEFAULTS: Final = 64
MAIN_OF_MULTIPROCESSING: Final = "__mp_main__"
NOWHERE: Final = "/nonexistent"
_READ_ENVIRONMENT: Final = {"environ", "getenv"}
_SETS_ENVIRONMENT: Final = re.compile(r"environ\s*\[[^]\n]*\]\s*=(?!=)|environ\.(?:setdefault|update)|putenv")


def from_object(
    value: Any, name: str, *, folder: Path | None = None, cells: Sequence[Cell] = ()
) -> Submission:
    """Make a submission of a live object: a function, a class, a callable.

    Helper modules are looked for in `folder`, by default the current one. `cells` are the session's own
    sources: they are judged where the object cannot be carried.
    """
    carried, reason = _carry(value, name, folder or _find_folder(), cells)
    if not (reason and cells):
        return carried
    source = from_session(name, cells, reason, folder=folder)
    return carried if source.fault else source


def from_session(name: str, cells: Sequence[Cell], reason: str, *, folder: Path | None = None) -> Submission:
    """Make a submission of a session's source, as of a notebook; `reason` says why not of the live object."""
    place = folder or _find_folder()
    cells = insert_notebooks(cells, place)
    modules = find_modules(place, (cell.source for cell in cells))
    note = f"What was judged is this session's source, not the live object: {reason}."
    if fault := describe_excess(cells, modules):
        return Submission(name, fault=f"{name} {fault}")
    return Submission(
        name, tuple(cells), notebook=True, modules=modules, notes=(note, *describe_edited(modules))
    )


def _carry(value: Any, name: str, folder: Path, cells: Sequence[Cell]) -> tuple[Submission, str]:
    """Pickle an object into a submission, and say why its source would do better; empty if it would not."""
    from .pickler import pickle_live  # late: cloudpickle takes a while to load

    carry_main_script()
    try:
        pickled = pickle_live(value)
    except Exception as error:  # whatever an object raises when it is pickled
        reason, advice = _explain(value, name, error)
        return Submission(name, fault=reason + advice), reason
    if len(pickled.data) > LARGEST_PICKLE:
        size, limit = len(pickled.data) >> 20, LARGEST_PICKLE >> 20
        fault = f"{name} and what it uses take {size} MiB, the limit is {limit}"
        return Submission(name, fault=fault), fault
    modules = dict(_find_live_modules(pickled.data, folder))
    texts = tuple(
        Cell(file, "".join(linecache.getlines(file)))
        for file in list(linecache.cache)
        if file in pickled.files and not _is_installed(file)
    )
    if fault := describe_excess(texts, modules):
        return Submission(name, fault=f"{name} {fault}"), ""
    notes = tuple(describe_edited(modules))
    submission = Submission(name, texts, notebook=True, pickled=pickled.data, modules=modules, notes=notes)
    return submission, _find_lost(pickled, cells)


def _find_lost(pickled: Pickled, cells: Sequence[Cell]) -> str:
    """Say what an object relies on that is no part of it, and that its source would set; empty if nothing."""
    if pickled.accelerators:
        name = pickled.accelerators[0]
        return f"`{name}` names a device that the judge has not; its source finds the CPU"
    if not pickled.names.isdisjoint(_READ_ENVIRONMENT) and any(
        _SETS_ENVIRONMENT.search(cell.source) for cell in cells
    ):
        return "it reads environment variables that this session sets"
    return ""


def _find_folder() -> Path:
    """Find the current folder; in the place of one that is gone stands one that never was."""
    try:
        return Path.cwd()
    except OSError:
        return Path(NOWHERE)


def carry_main_script() -> None:
    """Have what the main script defines pickled by value in a process of multiprocessing too.

    There the script goes by another name than in the process that started it.
    """
    import cloudpickle

    main = sys.modules.get(MAIN_OF_MULTIPROCESSING)
    if main is not None:
        cloudpickle.register_pickle_by_value(main)


def _find_live_modules(pickled: bytes, folder: Path) -> Iterator[tuple[str, Carried]]:
    """Find the local modules that a pickle names: loaded from no installed place, or files in the folder."""
    beside = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    for name in _find_short_strings(pickled):
        first = name.partition(".")[0]
        loaded = next(
            (part for part in (first, name) if part in sys.modules and _is_local(sys.modules[part])), None
        )
        if first != "__main__" and (loaded or first in beside):
            home = _find_home(sys.modules[loaded], loaded) if loaded else folder
            yield from find_modules(home, iter([f"import {name}"])).items()


def _find_short_strings(pickled: bytes) -> set[str]:
    """Find what may be the short strings of a pickle: an opcode, a length, and so many bytes."""
    # Not parsed, since a pickle may be as large as a model; a word too many does no harm.
    opcodes = re.finditer(rb"\x8c(.)", pickled, re.DOTALL)
    words = {pickled[opcode.end() : opcode.end() + opcode[1][0]] for opcode in opcodes}
    return {word.decode("utf-8", "replace") for word in words}


def _find_home(module: ModuleType, name: str) -> Path:
    """Find the folder from which a module's dotted name leads to its file."""
    file = Path(module.__file__ or "").resolve()
    depth = name.count(".") + (2 if file.name == "__init__.py" else 1)
    return file.parents[min(depth, len(file.parents)) - 1]


def _is_local(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(".py") and not _is_installed(file)


def _is_installed(file: str) -> bool:
    places = ("site-packages", "dist-packages", str(PACKAGE))
    return any(place in file for place in places) or file.startswith(_find_library())


@cache
def _find_library() -> str:
    return sysconfig.get_paths()["stdlib"]


def _explain(value: Any, name: str, error: Exception) -> tuple[str, str]:
    """Say what cannot be pickled and by which names it was reached, and what to do about it."""
    path, culprit = _find_culprit(value, [name])
    if len(path) == 1:
        return f"{name} cannot be sent to the judge: {type(error).__name__}: {error}", ""
    kind = type(culprit).__qualname__
    what = f"{' -> '.join(path)}: `{path[-1]}` is a {kind}, which cannot be sent to the judge"
    return what, f"; create it inside {path[-2]} or do without it"


def _find_culprit(value: Any, path: list[str]) -> tuple[list[str], Any]:
    """Follow the names that a function uses down to the one that cannot be pickled."""
    from .pickler import pickle_live

    if len(path) < DEEPEST_BLAME:
        for name, used in _list_uses(value):
            if name in path:
                continue
            try:
                pickle_live(used)
            except Exception:  # this is what we are looking for
                return _find_culprit(used, [*path, name])
    return path, value


def _list_uses(value: Any) -> Iterator[tuple[str, Any]]:
    """List what an object uses, each with the name that a learner knows it by."""
    if isinstance(value, FunctionType):
        for name in _list_names(value.__code__):
            if name in value.__globals__:
                yield name, value.__globals__[name]
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=False)
        # A cell that is still empty equals a new one; to ask for its contents would raise.
        yield from ((name, cell.cell_contents) for name, cell in cells if cell != type(cell)())
        yield from zip(("a default",) * MOST_DEFAULTS, value.__defaults__ or (), strict=False)
    elif isinstance(value, type):
        yield from vars(value).items()
    elif hasattr(value, "__dict__"):
        yield from vars(value).items()
        yield type(value).__name__, type(value)


def _list_names(code: CodeType) -> Iterator[str]:
    return (name for inner in list_codes(code) for name in inner.co_names)
