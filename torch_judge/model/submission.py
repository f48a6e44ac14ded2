"""A submission from a `.py`, an `.ipynb` or a live object.

Reading is all that happens here: nothing of a submission is parsed as Python, imported or run in the
conductor, except that a live object is pickled, which its own kernel could do as well.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from .errors import UsageError
from .version import PACKAGE

LARGEST_SOURCE = 1 << 20
LARGEST_NOTEBOOK = 64 << 20
MOST_BRACKETS = 500_000
MOST_COMMAS = 2_000_000
"""A list takes fifty times the memory of its text, a number ten times."""
LARGEST_PICKLE = 128 << 20
LARGEST_IN_ALL = 3 << 20
MOST_MODULES = 64
MOST_IMPORTS = 4096
NOTEBOOK_FORMAT = 4
DEEPEST_BLAME = 8
_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]*([\w.]+)[ \t]+import[ \t]*(?:\(([^()]*)\)|([^\n;(]+))|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)  # no two parts that repeat can match the same text: the time stays in proportion to the length


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of source, and what to call it in a message."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A helper module that lies beside the submission."""

    source: str
    package: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """The learner's code: cells of source text, or a pickled live object.

    `fault` is set where the file can hold no submission; it is the sentence to report.
    """

    name: str
    cells: tuple[Cell, ...] = ()
    notebook: bool = False
    pickled: bytes | None = None
    modules: Mapping[str, Carried] = field(default_factory=dict)
    fault: str = ""


def from_path(path: Path | str, *, apart_from: Iterable[Path | str] = ()) -> Submission:
    """Read a `.py` or `.ipynb` file, and the modules beside it that it imports.

    Files `apart_from` are never carried along: they are submissions of their own, of another person perhaps.
    Raises UsageError where there is no such file; what is wrong inside the file is the submission's `fault`.
    """
    path = Path(path)
    if not os.path.isfile(path):  # noqa: PTH113 - a Path raises where a name is too long or a folder closed
        raise UsageError(f"{path}: not a file" if os.path.exists(path) else f"{path}: no such file")  # noqa: PTH110 - likewise
    notebook = path.suffix == ".ipynb"
    text, fault = _read(path, LARGEST_NOTEBOOK if notebook else LARGEST_SOURCE)
    if not fault and notebook:
        cells, fault = _notebook_cells(text)
    else:
        cells = (Cell(path.name, text),)
    if not fault and not any(cell.source.strip() for cell in cells):
        fault = f"{path.name} holds no code"
    if fault:
        return Submission(str(path), fault=fault)
    folder = path.resolve().parent
    apart = {
        Path(each).stem
        for each in (path, *apart_from)
        if Path(each).suffix == ".py" and Path(each).resolve().parent == folder
    }
    modules = _beside(folder, (cell.source for cell in cells), exclude=apart)
    if fault := _too_much(cells, modules):
        return Submission(str(path), fault=f"{path.name} {fault}")
    return Submission(str(path), cells, notebook, modules=modules)


def from_source(source: str, *, name: str = "submission.py") -> Submission:
    """Make a submission of a text."""
    return Submission(name, (Cell(Path(name).name, source),))


def from_object(value: Any, name: str, *, folder: Path | None = None) -> Submission:
    """Make a submission of a live object: a function, a class, a callable.

    Helper modules are looked for in `folder`, by default the current one.
    """
    import cloudpickle

    try:
        pickled = cloudpickle.dumps(value)
    except Exception as error:  # whatever an object raises when it is pickled
        return Submission(name, fault=_unpicklable(value, name, error))
    if len(pickled) > LARGEST_PICKLE:
        return Submission(
            name,
            fault=f"{name} and what it uses take {len(pickled) >> 20} MiB, the limit is {LARGEST_PICKLE >> 20}",
        )
    modules = dict(_live_modules(pickled, folder or Path.cwd()))
    cells = tuple(
        Cell(file, "".join(linecache.getlines(file)))
        for file in list(linecache.cache)
        if file.encode("utf-8", "replace") in pickled and not _is_installed(file)
    )
    if fault := _too_much(cells, modules):
        return Submission(name, fault=f"{name} {fault}")
    return Submission(name, cells, notebook=True, pickled=pickled, modules=modules)


def _read(path: Path, largest: int) -> tuple[str, str]:
    """Return a file's text, or why it has none."""
    try:
        with path.open("rb") as file:
            raw = file.read(
                min(os.fstat(file.fileno()).st_size, largest) + 1
            )  # what is asked for is set aside at once
    except OSError as error:
        return "", f"{path.name} cannot be read: {error.strerror}"
    if len(raw) > largest:
        return "", f"{path.name} is larger than {largest >> 20} MiB"
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        return "", f"{path.name} is not Python source: byte {error.start} is not UTF-8"


def _notebook_cells(text: str) -> tuple[tuple[Cell, ...], str]:
    """Return a notebook's code cells, or why there are none; everything else in it is ignored."""
    if text.count("{") + text.count("[") > MOST_BRACKETS or text.count(",") > MOST_COMMAS:
        return (), "this notebook holds more than a person can have made; clear its outputs"
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return (), f"this is no notebook: it is not JSON{where}"
    if not isinstance(notebook, dict):
        return (), "this is no notebook: it is JSON without cells"
    version = notebook.get("nbformat")
    if isinstance(version, int) and version < NOTEBOOK_FORMAT:
        return (
            (),
            f"this notebook has the old format {version}; open it in Jupyter and save it, which brings it to format 4",
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return (), "this is no notebook: it has no list of cells"
    sources = ((n, _cell_source(cell)) for n, cell in enumerate(cells, 1))
    code = tuple(Cell(f"cell {n}", source) for n, source in sources if source is not None)
    if sum(len(cell.source) for cell in code) > LARGEST_SOURCE:
        return (), f"this notebook holds more than {LARGEST_SOURCE >> 20} MiB of code"
    return code, ""


def _cell_source(cell: object) -> str | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else None


def _too_much(cells: Iterable[Cell], modules: Mapping[str, Carried]) -> str:
    """Say that the sources take more than one frame holds, as they are written in it; empty if they do not."""
    sources = [*(cell.source for cell in cells), *(module.source for module in modules.values())]
    if sum(len(json.dumps(each)) for each in sources) > LARGEST_IN_ALL:
        return f"and the modules beside it that it imports take more than {LARGEST_IN_ALL >> 20} MiB"
    return ""


def _imported(source: str, package: str = "") -> Iterator[str]:
    """Find the dotted names of what may be modules in a text's imports; by its lines, since nothing is parsed here.

    `package` is what its relative imports start from.
    """
    for module, enclosed, listed, plain in (match.groups("") for match in _IMPORT.finditer(source)):
        if plain:
            yield from _listed(plain)
            continue
        rest = module.lstrip(".")
        dots = len(module) - len(rest)
        above = package.split(".")[: 1 - dots or None] if dots and package else []
        base = ".".join([*above, *filter(None, [rest])])
        yield base
        yield from (f"{base}.{name}".strip(".") for name in _listed(re.sub(r"#.*", "", enclosed) or listed))


def _listed(names: str) -> Iterator[str]:
    yield from (part.split()[0] for part in names.replace("\\", " ").split(",") if part.split())


def _beside(folder: Path, sources: Iterator[str], *, exclude: Collection[str] = ()) -> dict[str, Carried]:
    """Return the modules in `folder` that the sources import, and those that these import."""
    carried: dict[str, Carried] = {}
    waiting = [name for source in sources for name in _imported(source)]
    seen = set(exclude)
    while waiting and len(carried) < MOST_MODULES and len(seen) < MOST_IMPORTS:
        name = waiting.pop()
        parts = name.split(".")
        if (
            name in seen
            or parts[0] in exclude
            or not all(part.isidentifier() for part in parts)
            or _is_provided(parts[0])
        ):
            continue
        seen.add(name)
        for depth in range(1, len(parts) + 1):
            dotted = ".".join(parts[:depth])
            module = None if dotted in carried else _module(folder, parts[:depth])
            if module:
                for above in range(1, depth):  # a folder without __init__.py is a package too
                    carried.setdefault(".".join(parts[:above]), Carried("", package=True))
                carried[dotted] = module
                waiting += _imported(module.source, dotted if module.package else dotted.rpartition(".")[0])
    return carried


def _module(folder: Path, parts: list[str]) -> Carried | None:
    """Read a module's file, if there is a plain one inside the folder."""
    base = folder.joinpath(*parts)
    for file, package in ((base / "__init__.py", True), (base.with_name(base.name + ".py"), False)):
        if os.path.isfile(file) and file.resolve().is_relative_to(folder.resolve()):  # noqa: PTH113 - a long name raises in a Path
            text, fault = _read(file, LARGEST_SOURCE)
            return None if fault else Carried(text, package)
    return None


def _is_provided(name: str) -> bool:
    return name in sys.stdlib_module_names or name in {"torch", "numpy", "torch_judge"}


def _live_modules(pickled: bytes, folder: Path) -> Iterator[tuple[str, Carried]]:
    """Find the local modules that a pickle names: those loaded from no installed place, and files in the folder."""
    beside = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    for name in _short_strings(pickled):
        first = name.partition(".")[0]
        loaded = next(
            (each for each in (first, name) if each in sys.modules and _is_local(sys.modules[each])), None
        )
        if first != "__main__" and (loaded or first in beside):
            home = _home(sys.modules[loaded], loaded) if loaded else folder
            yield from _beside(home, iter([f"import {name}"])).items()


def _short_strings(pickled: bytes) -> set[str]:
    """Return what may be the short strings of a pickle: an opcode, a length, and so many bytes. One pass, however large it is."""
    opcodes = re.finditer(rb"\x8c(.)", pickled, re.DOTALL)
    words = {pickled[each.end() : each.end() + each[1][0]] for each in opcodes}
    return {word.decode("utf-8", "replace") for word in words}


def _home(module: ModuleType, name: str) -> Path:
    """Return the folder from which a module's dotted name leads to its file."""
    file = Path(module.__file__ or "").resolve()
    depth = name.count(".") + (2 if file.name == "__init__.py" else 1)
    return file.parents[min(depth, len(file.parents)) - 1]


def _is_local(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(".py") and not _is_installed(file)


def _is_installed(file: str) -> bool:
    return any(part in file for part in ("site-packages", "dist-packages", str(PACKAGE))) or file.startswith(
        _library()
    )


@cache
def _library() -> str:
    return sysconfig.get_paths()["stdlib"]


def _unpicklable(value: Any, name: str, error: Exception) -> str:
    path, culprit = _culprit(value, [name])
    chain = " -> ".join(path)
    if len(path) == 1:
        return f"{name} cannot be sent to the judge: {type(error).__name__}: {error}"
    return (
        f"{chain}: `{path[-1]}` is a {type(culprit).__qualname__}, which cannot be sent to the judge; "
        f"create it inside {path[-2]} or do without it"
    )


def _culprit(value: Any, path: list[str]) -> tuple[list[str], Any]:
    """Follow the names that a function uses down to the one that cannot be pickled."""
    import cloudpickle

    if len(path) < DEEPEST_BLAME:
        for name, used in _uses(value):
            if name in path:
                continue
            try:
                cloudpickle.dumps(used)
            except Exception:  # this is what we are looking for
                return _culprit(used, [*path, name])
    return path, value


def _uses(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, FunctionType):
        for name in _names(value.__code__):
            if name in value.__globals__:
                yield name, value.__globals__[name]
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=False)
        yield from ((name, cell.cell_contents) for name, cell in cells if cell != type(cell)())
        yield from zip(("a default",) * 64, value.__defaults__ or (), strict=False)
    elif isinstance(value, type):
        yield from vars(value).items()
    elif hasattr(value, "__dict__"):
        yield from vars(value).items()
        yield type(value).__name__, type(value)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
