"""Answers to judge, as evaluators write them: lines of JSON, or a folder with one for each task."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol

from torch_judge.model.errors import UsageError
from torch_judge.model.sanitize import one_line

STANDARD_INPUT: Final = "-"
LARGEST_LINE: Final = 16 << 20
"""In characters: one answer with all that an evaluation writes beside it."""
LARGEST_CODE: Final = 1 << 20
_SUFFIXES: Final = {".py", ".md", ".txt"}
Key = tuple[str, str, str]


class Asked(Protocol):
    """What a record is written on."""

    @property
    def task_id(self) -> str:
        """What it answers."""

    @property
    def sample_id(self) -> str:
        """Which of the answers it is."""

    @property
    def digest(self) -> str:
        """The SHA-256 of all its code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was written for a task, and what it is called by; `codes` finds the code in it.

    `is_body` says that it may be the rest of a function, which begins in the prompt.
    """

    task_id: str
    sample_id: str
    text: str
    place: str
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be judged, and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


def read_answers(source: str, *, tasks: Iterable[str]) -> tuple[list[Answer], list[Refused]]:
    """Read all answers of a file of JSON lines (`.gz` too), of a folder, or of standard input.

    What cannot be judged is told apart and stops nothing. Raises UsageError where nothing can be read at all.
    """
    known = set(tasks)
    answers: list[Answer] = []
    refused: list[Refused] = []
    path = Path(source)
    found = _read_folder(path) if source != STANDARD_INPUT and path.is_dir() else _read_lines(source)
    for each in found:
        if isinstance(each, Refused):
            refused.append(each)
        elif each.task_id not in known:
            refused.append(Refused(each.place, f"no problem {one_line(repr(each.task_id)[:80])}"))
        elif not each.text.strip():
            refused.append(Refused(each.place, "no code"))
        elif len(each.text) > LARGEST_CODE:
            refused.append(Refused(each.place, f"the answer is larger than {LARGEST_CODE >> 20} MiB"))
        else:
            answers.append(each)
    return answers, refused


def _read_lines(source: str) -> Iterator[Answer | Refused]:
    name = "standard input" if source == STANDARD_INPUT else source
    numbers: Counter[str] = Counter()
    try:
        with _open(source) as stream:
            number = 0
            while line := stream.readline(LARGEST_LINE + 1):
                number += 1
                place = f"{name}, line {number}"
                if len(line) > LARGEST_LINE:
                    while line and not line.endswith("\n"):
                        line = stream.readline(LARGEST_LINE)
                    yield Refused(place, f"a line of more than {LARGEST_LINE >> 20} MiB")
                elif line.strip():
                    yield _read_line(line, place, numbers)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it ends in the middle"
        raise UsageError(f"{name}: cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}: is no UTF-8 text") from None


def _open(source: str) -> IO[str]:
    if source == STANDARD_INPUT:
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="\n")
    if source.endswith(".gz"):
        return gzip.open(source, "rt", encoding="utf-8-sig", newline="\n")
    return Path(source).open(encoding="utf-8-sig", newline="\n")


def _read_line(line: str, place: str, numbers: Counter[str]) -> Answer | Refused:
    """Read one line; a sample without an id of its own is numbered within its task."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Refused(place, f"no JSON: {one_line(str(error))}")
    if not isinstance(fields, dict):
        return Refused(place, f"expected an object, found {type(fields).__name__}")
    task = fields.get("task_id")
    if isinstance(task, bool) or not isinstance(task, str | int):
        return Refused(place, "has no task_id")
    task = str(task)
    key = next((key for key in ("solution", "completion") if isinstance(fields.get(key), str)), None)
    if key is None:
        return Refused(place, "no code: it has neither a solution nor a completion")
    sample = _read_sample_id(fields)
    if sample is None:
        sample = str(numbers[task])
    numbers[task] += 1
    return Answer(task, sample, fields[key], place, is_body=key == "completion")


def _read_sample_id(fields: dict[str, Any]) -> str | None:
    for key in ("sample_id", "sample", "completion_id"):
        value = fields.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return None


def _read_folder(folder: Path) -> Iterator[Answer | Refused]:
    """Read `TASK/SAMPLE.py`, `TASK.py`, and files of JSON lines."""
    found = False
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        relative = path.relative_to(folder)
        if any(part.startswith((".", "__pycache__")) for part in relative.parts):
            continue
        if path.suffix in _SUFFIXES:
            found = True
            yield _read_file(path, relative)
        elif path.name.endswith((".jsonl", ".jsonl.gz")):
            found = True
            yield from _read_lines(str(path))
    if not found:
        raise UsageError(f"{folder}: holds no answers: TASK/SAMPLE.py, TASK.py or lines of JSON (.jsonl)")


def _read_file(path: Path, relative: Path) -> Answer | Refused:
    task, sample = (relative.parts[-2], relative.stem) if len(relative.parts) > 1 else (relative.stem, "0")
    try:
        if path.stat().st_size > 4 * LARGEST_CODE:
            return Refused(str(path), f"the answer is larger than {LARGEST_CODE >> 20} MiB")
        return Answer(task, sample, path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        return Refused(str(path), f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return Refused(str(path), "is no UTF-8 text")
