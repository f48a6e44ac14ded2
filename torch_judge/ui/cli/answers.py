"""Which answers `run` judges: files by their names, folders searched, and standard input."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from torch_judge.model.errors import UsageError
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import LARGEST_NOTEBOOK, SUFFIXES, Submission, from_path, from_stream

STANDARD_INPUT: Final = "-"
NAMES_SAID: Final = 8
"""How many of the things in a folder that are not judged are said by name."""
_OTHER_FOLDERS: Final = {"__pycache__", "node_modules", "site-packages"}
_ENVIRONMENT: Final = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class Answers:
    """What there is to judge, what was asked for and cannot be judged, and what folders hold besides."""

    submissions: tuple[Submission, ...]
    refused: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(slots=True)
class _Folder:
    """What a folder holds: files that may be answers, and what is none, each with why."""

    path: Path
    files: list[Path] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def leave_out(self, path: Path, reason: str = "") -> None:
        name = one_line(str(path.relative_to(self.path))) + ("/" if path.is_dir() else "")
        self.others.append(f"{name} ({reason})" if reason else name)

    def say(self) -> str:
        """Say what is not judged; a folder that holds much else is not listed to its end."""
        more = len(self.others) - NAMES_SAID
        listed = ", ".join(self.others[:NAMES_SAID]) + (f" and {more} more" if more > 0 else "")
        return f"{one_line(str(self.path))}: not judged: {listed}" if self.others else ""


def collect_answers(paths: Sequence[str], *, entry_point: str) -> Answers:
    """Read what is judged, in the order in which it is named; what cannot be read stops nothing else.

    In a folder, a file that knows nothing of the entry point and that an answer imports is a part of that
    answer; every other file is an answer of its own, and no answer can import another.
    """
    refused: list[str] = []
    folders = {path: _search(Path(path), refused) for path in paths if os.path.isdir(path)}  # noqa: PTH112 - a long name raises in a Path
    found = [file for folder in folders.values() for file in folder.files]
    silent = [file for file in found if not _mentions(file, entry_point)]
    named = [Path(path) for path in paths if path not in folders and path != STANDARD_INPUT]
    answers = [*named, *(file for file in found if file not in set(silent))]
    read = dict(_read_all(answers, refused, apart_from=answers))
    for file in silent:
        importer = next((path for path in read if _is_part_of(file, path, read[path])), None)
        if importer is not None:
            folder = next(folder for folder in folders.values() if file in folder.files)
            folder.leave_out(file, f"{one_line(importer.name)} imports it")
        else:
            read |= _read_all([file], refused, apart_from=[*answers, *silent])
    submissions = list[Submission]()
    for path in dict.fromkeys(paths):
        if path == STANDARD_INPUT:
            submissions.append(_read_standard_input(apart_from=answers))
        files = folders[path].files if path in folders else [Path(path)]
        submissions += [read.pop(file) for file in files if file in read]
    skipped = [folder.say() for folder in folders.values()]
    return Answers(tuple(submissions), tuple(refused), tuple(filter(None, skipped)))


def _read_all(
    paths: Iterable[Path], refused: list[str], *, apart_from: Sequence[Path]
) -> Iterator[tuple[Path, Submission]]:
    """Read files, each with the modules beside it; a sentence for each that cannot be one is refused."""
    for path in dict.fromkeys(paths):
        try:
            submission = from_path(path, apart_from=apart_from)
        except UsageError as error:
            refused.append(str(error))
            continue
        if path.suffix in SUFFIXES:
            yield path, submission
        else:
            refused.append(f"{path}: neither a .py nor an .ipynb file, so it is not judged")


def _read_standard_input(*, apart_from: Sequence[Path]) -> Submission:
    """Read standard input; the modules beside it are those of the current folder, as Python has it."""
    try:
        folder = Path.cwd()
    except OSError:  # it is gone: nothing lies beside
        folder = Path(os.devnull)
    stream = io.BytesIO() if sys.stdin is None else sys.stdin.buffer  # None: whoever started us has closed it
    return from_stream(stream, folder=folder, apart_from=apart_from)


def _search(top: Path, refused: list[str]) -> _Folder:
    """Search a folder, and those in it, for what may be answers."""
    folder = _Folder(top)

    def refuse(error: OSError) -> None:
        refused.append(f"{error.filename}: cannot be read: {error.strerror}")

    before = len(refused)
    for place, inner, names in os.walk(top, onerror=refuse):
        here = Path(place)
        inner.sort()
        for name in [name for name in inner if _holds_no_answers(here / name)]:
            inner.remove(name)
            folder.leave_out(here / name)
        for name in sorted(names):
            file = here / name
            if file.is_symlink():
                folder.leave_out(file, "a link")
            elif file.suffix in SUFFIXES and not name.startswith(".") and file.is_file():
                folder.files.append(file)
            else:
                folder.leave_out(file)
    folder.files.sort()
    if not folder.files and len(refused) == before:
        refused.append(f"{top}: holds no .py and no .ipynb file")
    return folder


def _holds_no_answers(folder: Path) -> bool:
    """Tell whether a folder is hidden, a cache, a library, a virtual environment or a link."""
    name = folder.name
    if name.startswith(".") or name in _OTHER_FOLDERS or folder.is_symlink():
        return True
    return (folder / _ENVIRONMENT).exists()


def _mentions(file: Path, name: str) -> bool:
    """Tell whether a name stands somewhere in a file; of one that cannot be read its reader says why."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(min(os.fstat(stream.fileno()).st_size, LARGEST_NOTEBOOK))
    except OSError:
        return True
    return re.search(rb"\b%s\b" % re.escape(name.encode()), raw) is not None


def _is_part_of(file: Path, answer: Path, submission: Submission) -> bool:
    """Tell whether a file is one of the modules that an answer imports; they lie in its folder or below."""
    if not file.is_relative_to(answer.parent):
        return False
    parts = list(file.relative_to(answer.parent).with_suffix("").parts)
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    modules = (name.split(".") for name in submission.modules)
    return any(parts[-len(module) :] == module for module in modules)
