"""The learner's history as one file, which travels to another machine and is merged there without duplicates.

JSON Lines: a line that says what the file is, a line for each attempt and each problem's coaching, and a last
one with the number of lines before it and their SHA-256. A file that is cut, changed or anything else changes
nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.sanitize import one_line

from .attempt import Attempt
from .coaching import Coaching
from .fields import read_fields
from .history import History, Merged

FORMAT = "torch_judge progress"
VERSION = 1
LONGEST_LINE = 32 << 20
LONGEST_FIRST_LINE = 200
MOST_LINES = 2_000_000
KINDS: dict[str, tuple[type[Attempt | Coaching], str]] = {
    "attempt": (Attempt, "an attempt"),
    "coaching": (Coaching, "coaching"),
}
"""What a line may hold, by its only key, and how a message calls it."""


def write_archive(history: History, path: Path) -> int:
    """Write the whole history into a file, which is there whole or not at all; return the number of attempts.

    An earlier archive is replaced, any other file is left alone with a UsageError.
    """
    if (path.exists() or path.is_symlink()) and not _is_archive(path):
        raise UsageError(f"{path} is there already and is no export of torch-judge's; choose another name")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            count = history.export(lambda attempts, coaching: _write_lines(file, attempts, coaching))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ProgressError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return count


def read_archive(history: History, path: Path) -> Merged:
    """Merge a file that `write_archive` wrote into the history: all of it, or nothing.

    UsageError says on which line it is no such file.
    """
    if not path.is_file():
        raise UsageError(f"{path}: not a file" if path.exists() else f"{path}: no such file")
    try:
        with path.open("rb") as file:
            return history.merge(lambda: _read_entries(file, path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _is_archive(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(LONGEST_FIRST_LINE)
    return FORMAT.encode() in first


def _write_lines(file: BinaryIO, attempts: Iterator[Attempt], coaching: Iterator[Coaching]) -> int:
    file.seek(0)  # a history that proves to be damaged is mended, and then written once more
    file.truncate()
    digest = hashlib.sha256()
    lines = 0

    def put(line: dict[str, Any]) -> None:
        nonlocal lines
        raw = json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"
        digest.update(raw)
        file.write(raw)
        lines += 1

    put({"format": FORMAT, "version": VERSION})
    for attempt in attempts:
        put({"attempt": attempt.to_fields()})
    count = lines - 1
    for entry in coaching:
        put({"coaching": msgspec.to_builtins(entry)})
    file.write(json.dumps({"lines": lines, "sha256": digest.hexdigest()}).encode() + b"\n")
    return count


def _read_entries(file: BinaryIO, path: Path) -> Iterator[Attempt | Coaching]:
    """Read what an archive holds, from its first line on; raise UsageError where it is none."""
    file.seek(0)
    digest = hashlib.sha256()
    for number in range(1, MOST_LINES + 1):
        raw = file.readline(LONGEST_LINE + 1)
        where = f"{path}, line {number}"
        line = _parse(raw, where)
        if number == 1:
            _check_first(line, path)
        elif line.keys() == {"lines", "sha256"}:
            _check_last(line, number - 1, digest.hexdigest(), path)
            if file.read(1):
                raise UsageError(f"{where}: the file goes on after its last line; nothing was taken in")
            return
        else:
            yield _read_entry(line, where)
        digest.update(raw)
    raise UsageError(f"{path}: more than {MOST_LINES} lines; nothing was taken in")


def _parse(raw: bytes, where: str) -> dict[str, Any]:
    if not raw.endswith(b"\n"):
        reason = (
            "the line is too long"
            if len(raw) > LONGEST_LINE
            else "the file ends before its last line, as if it had been cut"
        )
        raise UsageError(f"{where}: {reason}; nothing was taken in")
    try:
        # msgspec's stops at NaN and at half a character; of these, read_fields can name the field
        line = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise UsageError(f"{where}: not a line of JSON in UTF-8; nothing was taken in") from None
    if not isinstance(line, dict):
        raise UsageError(f"{where}: expected an object, found a {type(line).__name__}; nothing was taken in")
    return line


def _read_entry(line: dict[str, Any], where: str) -> Attempt | Coaching:
    key = next(iter(line), "")
    if len(line) != 1 or key not in KINDS:
        raise UsageError(f"{where}: neither an attempt nor coaching; nothing was taken in")
    kind, noun = KINDS[key]
    try:
        return read_fields(kind, line[key], noun=noun)
    except ProgressError as error:
        raise UsageError(f"{where}: {error}; nothing was taken in") from None


def _check_first(line: dict[str, Any], path: Path) -> None:
    if line.get("format") != FORMAT:
        raise UsageError(f"{path} is no export of torch-judge's; nothing was taken in")
    if line != {"format": FORMAT, "version": VERSION}:
        version = one_line(repr(line.get("version")), longest=40)
        raise UsageError(
            f"{path} has version {version}, this torch_judge reads version {VERSION}; nothing was taken in"
        )


def _check_last(line: dict[str, Any], lines: int, digest: str, path: Path) -> None:
    if line["lines"] != lines or line["sha256"] != digest:
        raise UsageError(
            f"{path} is not as it was written: its lines and their checksum do not agree; "
            "nothing was taken in"
        )
