"""A submission, and how it is read from a `.py` or an `.ipynb`.

Reading is all that happens here: nothing of a submission is parsed as Python, imported or run in the
conductor. Its imports are found by their looks.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from .errors import UsageError

LARGEST_SOURCE: Final = 1 << 20
LARGEST_NOTEBOOK: Final = 64 << 20
MOST_BRACKETS: Final = 500_000
MOST_COMMAS: Final = 2_000_000
"""A list takes fifty times the memory of its text, a number ten times."""
LARGEST_IN_ALL: Final = 3 << 20
MOST_MODULES: Final = 64
MOST_IMPORTS: Final = 4096
MOST_FOLDERS, MOST_NOTEBOOKS = 4, 16
SUFFIXES: Final = (".py", ".ipynb")
STREAM: Final = "standard input"
NAME_OF_STREAM: Final = "stdin.py"
_Parts = Sequence[tuple[str, ...]]
_BEFORE_A_LINE: Final = re.compile(r"\\n|,[ \t]*[\"']")  # in a text that is an argument
NOTEBOOK_FORMAT: Final = 4
NOT_FOR_FILES: Final = {"idna", "punycode"}
"""Encodings of host names: a long text in one of them takes minutes to read."""
# No two parts that repeat can match the same text: the time stays in proportion to the length.
_IMPORT: Final = re.compile(
    r"(?:^|[;:])[ \t\f]*"
    r"(?:from[ \t]*([\w.]+)[ \t]+import[ \t]*(?:\(([^()]*)\)|([^\n;(]+))|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)
_RUN: Final = re.compile(
    r"^[ \t]*%?run[ \t]+(?:-[inetGN][ \t]+)*[\"']?(?:\./)?([\w/]{1,200})\.py\b", re.MULTILINE
)
_WRITTEN: Final = re.compile(
    r"\s*%%(?:writefile|file)[ \t]+(-a[ \t]+)?[\"']?(?:\./)?([\w/]{1,200})\.py\b[^\n]*\n?"
)
_RUN_NOTEBOOK: Final = re.compile(
    r"^([ \t]*)%?run([ \t]+(?:-[inetGN][ \t]+)*[\"']?(?:\./)?)([\w./ -]{1,200}\.ipynb)\b", re.MULTILINE
)
_FOLDER: Final = re.compile(
    r"\bsys\.path\.(?:append\(|insert\([ \t]*\d{1,9}[ \t]*,)[^\"'\n]{0,80}([\"'])([^\"'\n]{1,200})\1"
    r"|(?:\bos\.chdir\(|\brun_line_magic\([\"']cd[\"'],|^[ \t]*%?cd[ \t]+)"
    r"[ \t]*(?:-q[ \t]+)?([\"']?)([\w./ -]{1,200}?)\3[ \t]*\)?[ \t]*$",
    re.MULTILINE,
)


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

    `fault` is set where the file can hold no submission; it is the sentence to report. `notes` are sentences
    about what is judged.
    """

    name: str
    cells: tuple[Cell, ...] = ()
    notebook: bool = False
    pickled: bytes | None = None
    modules: Mapping[str, Carried] = field(default_factory=dict)
    fault: str = ""
    notes: tuple[str, ...] = ()


def from_path(path: Path | str, *, apart_from: Iterable[Path | str] = ()) -> Submission:
    """Read a `.py` or `.ipynb` file, and the modules beside it that it imports.

    Files `apart_from` are never carried along: they are submissions of their own, of another person perhaps.
    Raises UsageError where there is no such file; what is wrong inside the file is the submission's `fault`.
    """
    path = Path(path)
    if not os.path.isfile(path):  # noqa: PTH113 - a Path raises where a name is too long or a folder closed
        raise UsageError(f"{path}: not a file" if os.path.exists(path) else f"{path}: no such file")  # noqa: PTH110 - likewise
    notebook = path.suffix == ".ipynb"
    cells, fault = _read_notebook(path) if notebook else _read_script(path)
    if fault:
        return Submission(str(path), fault=fault)
    others = [Path(other) for other in (path, *apart_from)]
    return _make(str(path), cells, notebook=notebook, folder=path.resolve().parent, others=others)


def from_stream(stream: BinaryIO, *, folder: Path, apart_from: Iterable[Path | str] = ()) -> Submission:
    """Read a `.py` or an `.ipynb` from a stream; what it imports is looked for in `folder`."""
    raw = stream.read(LARGEST_NOTEBOOK + 1)
    notebook = raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")  # no module begins so
    largest = LARGEST_NOTEBOOK if notebook else LARGEST_SOURCE
    if len(raw) > largest:
        return Submission(STREAM, fault=f"{STREAM} is larger than {largest >> 20} MiB")
    if notebook:
        cells, fault = _parse_notebook(raw, STREAM)
    else:
        text, fault = _parse_python(raw, STREAM)
        cells = (Cell(NAME_OF_STREAM, text),)
    if fault:
        return Submission(STREAM, fault=fault)
    return _make(STREAM, cells, notebook=notebook, folder=folder, others=list(map(Path, apart_from)))


def from_source(source: str, *, name: str = "submission.py") -> Submission:
    """Make a submission of a text, which stands alone: no module comes with it."""
    cells = (Cell(Path(name).name, source.replace("\r\n", "\n").replace("\r", "\n")),)
    if not source.strip():
        return Submission(name, fault=f"{name} holds no code")
    if len(source) > LARGEST_SOURCE:
        return Submission(name, fault=f"{name} is larger than {LARGEST_SOURCE >> 20} MiB")
    return Submission(name, cells)


def _make(
    name: str, cells: tuple[Cell, ...], *, notebook: bool, folder: Path, others: Sequence[Path]
) -> Submission:
    """Make a submission of cells and of the modules in a folder that they import, the others' apart."""
    said = Path(name).name
    if not any(cell.source.strip() for cell in cells):
        return Submission(name, fault=f"{said} holds no code")
    cells = insert_notebooks(cells, folder, apart=others) if notebook else cells
    apart = {other.stem for other in others if other.suffix == ".py" and other.resolve().parent == folder}
    written = _find_written(cells) if notebook else {}
    modules = find_modules(folder, (cell.source for cell in cells), exclude=apart, written=written)
    if fault := describe_excess(cells, modules):
        return Submission(name, fault=f"{said} {fault}")
    return Submission(name, cells, notebook, modules=modules)


def _read_script(path: Path) -> tuple[tuple[Cell, ...], str]:
    """Read a script as one cell, or say why it holds none."""
    text, fault = _read_python(path)
    return (Cell(path.name, text),), fault


def _read_notebook(path: Path) -> tuple[tuple[Cell, ...], str]:
    """Read a notebook's code cells, or say why there are none; everything else in it is ignored."""
    raw, fault = _read_bytes(path, LARGEST_NOTEBOOK)
    return ((), fault) if fault else _parse_notebook(raw, path.name)


def _parse_notebook(raw: bytes, name: str) -> tuple[tuple[Cell, ...], str]:
    text, fault = _decode(raw, "utf-8-sig", name)
    if fault:
        return (), fault
    # Counted in the text, before it is parsed: what is parsed would fill the memory of the learner's kernel.
    if text.count("{") + text.count("[") > MOST_BRACKETS or text.count(",") > MOST_COMMAS:
        return (), "this notebook holds more than a person can have made; clear its outputs"
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return (), f"this is no notebook: it is not JSON{where}"
    if not isinstance(notebook, dict):
        return (), "this is no notebook: it is JSON without cells"
    return _read_cells(notebook)


def _read_python(path: Path) -> tuple[str, str]:
    """Read a module's text as Python reads it, or say why it has none.

    Its coding line or byte order mark names the encoding; CR and CRLF end a line as LF does.
    """
    raw, fault = _read_bytes(path, LARGEST_SOURCE)
    return ("", fault) if fault else _parse_python(raw, path.name)


def _parse_python(raw: bytes, name: str) -> tuple[str, str]:
    encoding, fault = _find_encoding(raw, name)
    text, fault = ("", fault) if fault else _decode(raw, encoding, name)
    return text.replace("\r\n", "\n").replace("\r", "\n"), fault


def _read_bytes(path: Path, largest: int) -> tuple[bytes, str]:
    """Read a file, or say why it cannot be read."""
    try:
        with path.open("rb") as file:
            # `read` sets aside at once what it is asked for, so it is asked for no more than there is.
            raw = file.read(min(os.fstat(file.fileno()).st_size, largest) + 1)
    except OSError as error:
        return b"", f"{path.name} cannot be read: {error.strerror}"
    if len(raw) > largest:
        return b"", f"{path.name} is larger than {largest >> 20} MiB"
    return raw, ""


def _find_encoding(raw: bytes, name: str) -> tuple[str, str]:
    """Find the encoding that a module's coding line or byte order mark names, or say why it can be none."""
    # the coding line stands in one of the first two lines, whatever ends them
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n", 2)[:2]
    try:
        encoding, _ = tokenize.detect_encoding(iter([line + b"\n" for line in lines]).__next__)
    except SyntaxError as error:
        try:
            "".join(line.decode("utf-8-sig") for line in lines)
        except UnicodeDecodeError:  # no coding line, and a text that wants one: `_decode` says where
            return "utf-8-sig", ""
        return "", f"{name} is not Python source: its coding line is wrong ({error.msg})"
    if encoding in NOT_FOR_FILES:
        return "", f"{name} is not Python source: {encoding} is no encoding of a file"
    return encoding, ""


def _decode(raw: bytes, encoding: str, name: str) -> tuple[str, str]:
    """Decode a text, or say which byte of it is not in that encoding."""
    try:
        return raw.decode(encoding), ""
    except UnicodeDecodeError as error:
        shown = "UTF-8" if encoding in {"utf-8", "utf-8-sig"} else encoding
        return "", f"{name} is not Python source: byte {error.start} is not {shown}"
    except (LookupError, UnicodeError):  # a codec that makes bytes of bytes, or nothing of anything
        return "", f"{name} is not Python source: {encoding} is no encoding of a text"


def _read_cells(notebook: dict[str, object]) -> tuple[tuple[Cell, ...], str]:
    version = notebook.get("nbformat")
    if isinstance(version, int) and version < NOTEBOOK_FORMAT:
        advice = "open it in Jupyter and save it, which brings it to format 4"
        return (), f"this notebook has the old format {version}; {advice}"
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return (), "this is no notebook: it has no list of cells"
    sources = ((number, _read_cell(cell)) for number, cell in enumerate(cells, 1))
    code = tuple(Cell(f"cell {number}", source) for number, source in sources if source is not None)
    if sum(len(cell.source) for cell in code) > LARGEST_SOURCE:
        return (), f"this notebook holds more than {LARGEST_SOURCE >> 20} MiB of code"
    return code, ""


def _read_cell(cell: object) -> str | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else None


def describe_excess(cells: Iterable[Cell], modules: Mapping[str, Carried]) -> str:
    """Say that the sources, as JSON, take more than one frame holds; empty if they do not."""
    sources = [*(cell.source for cell in cells), *(module.source for module in modules.values())]
    if sum(len(json.dumps(source)) for source in sources) > LARGEST_IN_ALL:
        return f"and the modules beside it that it imports take more than {LARGEST_IN_ALL >> 20} MiB"
    return ""


def _find_imports(source: str, package: str = "") -> Iterator[str]:
    """Find the dotted names of what may be modules in a text's imports.

    `package` is what its relative imports start from.
    """
    for module, enclosed, listed, plain in (match.groups("") for match in _IMPORT.finditer(source)):
        if plain:
            yield from _split_names(plain)
            continue
        rest = module.lstrip(".")
        dots = len(module) - len(rest)
        above = package.split(".")[: 1 - dots or None] if dots and package else []
        base = ".".join([*above, *filter(None, [rest])])
        yield base
        yield from (
            f"{base}.{name}".strip(".") for name in _split_names(re.sub(r"#.*", "", enclosed) or listed)
        )


def _split_names(names: str) -> Iterator[str]:
    yield from (part.split()[0] for part in names.replace("\\", " ").split(",") if part.split())


def find_modules(
    folder: Path,
    sources: Iterable[str],
    *,
    exclude: Collection[str] = (),
    written: Mapping[tuple[str, ...], str] | None = None,
) -> dict[str, Carried]:
    """Find the modules in `folder` that the sources import, and those that these import.

    Folders in it that a source puts on `sys.path` are looked in too. `written` are the texts of files, by the
    parts of their names, that a notebook writes itself: they go before what is on the disk.
    """
    sources = [*map(_open_magic_cells, sources)]
    carried: dict[str, Carried] = {}
    waiting = [name for source in sources for name in (*_find_imports(source), *_find_run(source))]
    places = _Places(folder, ((), *_find_folders(sources)), frozenset(exclude), written or {})
    seen = set[str]()
    while waiting and len(carried) < MOST_MODULES and len(seen) < MOST_IMPORTS:
        name = waiting.pop()
        parts = name.split(".")
        if name in seen or not _may_be_local(parts):
            continue
        seen.add(name)
        # `a.b.c` may end in a name inside the module `a.b`: what is no module is passed over.
        for depth in range(1, len(parts) + 1):
            dotted = ".".join(parts[:depth])
            module = None if dotted in carried else places.find(parts[:depth])
            if module:
                for above in range(1, depth):  # a folder without __init__.py is a package too
                    carried.setdefault(".".join(parts[:above]), Carried("", package=True))
                carried[dotted] = module
                waiting += _find_imports(
                    module.source, dotted if module.package else dotted.rpartition(".")[0]
                )
    return carried


def _open_magic_cells(source: str) -> str:
    """Add to a text the lines of the cells that it hands to magics as a text, as an exported script does."""
    calls = (line for line in source.split("\n") if "run_cell_magic(" in line)
    return "\n".join([source, *(_BEFORE_A_LINE.sub("\n", line) for line in calls)])


def _find_run(source: str) -> Iterator[str]:
    """Find the modules that a notebook runs by `%run`."""
    yield from (ran[1].replace("/", ".") for ran in _RUN.finditer(source))


def _find_folders(sources: Iterable[str]) -> list[tuple[str, ...]]:
    """Find the folders that sources put on `sys.path` by a literal, or go to by `%cd` or `os.chdir`.

    Those outside the submission's folder are left out.
    """
    folders, current = dict[tuple[str, ...], None](), ""
    named = (put.groups() for source in sources for put in _FOLDER.finditer(source))
    for _, put, _, gone in islice(named, MOST_FOLDERS):
        place = os.path.normpath(os.path.join(current, put or gone))  # noqa: PTH118 - of text
        if gone:
            current = place
        folders[PurePosixPath(place).parts] = None
    return [parts for parts in folders if parts and parts[0][0] != "/" and ".." not in parts]


def insert_notebooks(cells: Sequence[Cell], folder: Path, *, apart: Iterable[Path] = ()) -> tuple[Cell, ...]:
    """Put the cells of notebooks inside `folder` in front of the cells that run them by `%run`, once each."""
    seen, left = {path.resolve() for path in apart}, iter(range(MOST_NOTEBOOKS))
    return tuple(_insert_notebooks(cells, folder.resolve(), seen, (), left))


def _insert_notebooks(
    cells: Sequence[Cell], folder: Path, seen: set[Path], places: _Parts, left: Iterator[int]
) -> Iterator[Cell]:
    places = [*places, *_find_folders(cell.source for cell in cells)]
    for cell in cells:
        source = cell.source
        for run in _RUN_NOTEBOOK.finditer(cell.source):
            inner = _find_notebook(run[3], folder, places)
            if inner is None:
                continue
            source = source.replace(run[0], f"{run[1]}%ran{run[2]}{run[3]}")  # it is done
            if inner not in seen and next(left, None) is not None:
                seen.add(inner)
                found, fault = _read_notebook(inner)
                named = () if fault else (Cell(f"{inner.name} {cell.name}", cell.source) for cell in found)
                yield from _insert_notebooks(tuple(named), folder, seen, places, left)
        yield Cell(cell.name, source)


def _find_notebook(name: str, folder: Path, places: Iterable[tuple[str, ...]]) -> Path | None:
    """Find a notebook that is to be run, in the folder or in those that the submission goes to."""
    files = (folder.joinpath(*above, name) for above in ((), *places))
    found = (file.resolve() for file in files if os.path.isfile(file))  # noqa: PTH113 - a long name raises in a Path
    return next((file for file in found if file.is_relative_to(folder)), None)


def _find_written(cells: Iterable[Cell]) -> dict[tuple[str, ...], str]:
    """Find the texts that cells write to files by `%%writefile`, by the parts of the files' names."""
    written = dict[tuple[str, ...], list[str]]()
    for cell in cells:
        if named := _WRITTEN.match(cell.source):
            parts, text = PurePosixPath(named[2]).parts, cell.source[named.end() :]
            if not named[1]:
                written.pop(parts, None)
            written.setdefault(parts, []).append(text)
    return {parts: "".join(texts) for parts, texts in written.items()}


@dataclass(frozen=True, slots=True)
class _Places:
    """Where modules are looked for: in the folder itself, or else in those on `sys.path`."""

    folder: Path
    inside: tuple[tuple[str, ...], ...]
    exclude: frozenset[str]
    written: Mapping[tuple[str, ...], str]

    def find(self, parts: list[str]) -> Carried | None:
        """Find a module; what is excluded is not read, but the notebook may write it itself."""
        for above in self.inside:
            path = (*above, *parts)
            if (package := (*path, "__init__")) in self.written:
                return Carried(self.written[package], package=True)
            if path in self.written:
                return Carried(self.written[path])
            if parts[0] not in self.exclude and (module := _read_module(self.folder, list(path))):
                return module
        return None


def _read_module(folder: Path, parts: list[str]) -> Carried | None:
    """Read a module's file, if there is a plain one inside the folder."""
    base = folder.joinpath(*parts)
    for file, package in ((base / "__init__.py", True), (base.with_name(base.name + ".py"), False)):
        if os.path.isfile(file) and file.resolve().is_relative_to(folder.resolve()):  # noqa: PTH113 - a long name raises in a Path
            text, fault = _read_python(file)
            return None if fault else Carried(text, package)
    return None


def _may_be_local(parts: list[str]) -> bool:
    """Tell whether a name can be that of a module beside the submission; a library goes before it."""
    return all(part.isidentifier() for part in parts) and not (
        parts[0] in sys.stdlib_module_names or parts[0] in {"torch", "numpy", "torch_judge"}
    )
