"""The learner's progress as one file, which travels to another machine and is merged there without duplicates.

JSON Lines: a line that says what the file is, a line for each attempt and each problem's coaching, and a last one with the
number of lines before it and their SHA-256. A file that is cut, changed or anything else changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.sanitize import one_line

from .attempt import LONGEST_WORD, Attempt
from .history import Coaching, History, Merged

FORMAT = "torch_judge progress"
VERSION = 1
LONGEST_LINE = 32 << 20
LONGEST_FIRST_LINE = 200
MOST_LINES = 2_000_000
MOST_HINTS = 1000
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")


def write_archive(progress: History, path: Path) -> int:
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
            count = progress.each(lambda attempts, coaching: _write(file, attempts, coaching))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ProgressError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return count


def read_archive(progress: History, path: Path) -> Merged:
    """Merge a file that `write_archive` wrote into the history: all of it, or nothing.

    UsageError says on which line it is no such file.
    """
    if not path.is_file():
        raise UsageError(f"{path}: not a file" if path.exists() else f"{path}: no such file")
    try:
        with path.open("rb") as file:
            return progress.merge(lambda: _entries(file, path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _is_archive(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(LONGEST_FIRST_LINE)
    return FORMAT.encode() in first


def _write(file: BinaryIO, attempts: Iterator[Attempt], coaching: Iterator[Coaching]) -> int:
    found = hashlib.sha256()
    lines = 0

    def put(line: dict[str, Any]) -> None:
        nonlocal lines
        raw = json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"
        found.update(raw)
        file.write(raw)
        lines += 1

    put({"format": FORMAT, "version": VERSION})
    for attempt in attempts:
        put({"attempt": attempt.to_fields()})
    count = lines - 1
    for each in coaching:
        put({"coaching": asdict(each)})
    file.write(json.dumps({"lines": lines, "sha256": found.hexdigest()}).encode() + b"\n")
    return count


def _entries(file: BinaryIO, path: Path) -> Iterator[Attempt | Coaching]:
    """Return what an archive holds as it is read, from its first line on; raise UsageError where it is none."""
    file.seek(0)
    found = hashlib.sha256()
    for number in range(1, MOST_LINES + 1):
        raw = file.readline(LONGEST_LINE + 1)
        where = f"{path}, line {number}"
        line = _parsed(raw, where)
        if number == 1:
            _check_first(line, path)
        elif line.keys() == {"lines", "sha256"}:
            _check_last(line, number - 1, found.hexdigest(), path)
            if file.read(1):
                raise UsageError(f"{where}: the file goes on after its last line; nothing was taken in")
            return
        elif line.keys() == {"attempt"}:
            yield _attempt(line["attempt"], where)
        elif line.keys() == {"coaching"}:
            yield _coaching(line["coaching"], where)
        else:
            raise UsageError(f"{where}: neither an attempt nor coaching; nothing was taken in")
        found.update(raw)
    raise UsageError(f"{path}: more than {MOST_LINES} lines; nothing was taken in")


def _parsed(raw: bytes, where: str) -> dict[str, Any]:
    if not raw.endswith(b"\n"):
        reason = (
            "the line is too long"
            if len(raw) > LONGEST_LINE
            else "the file ends before its last line, as if it had been cut"
        )
        raise UsageError(f"{where}: {reason}; nothing was taken in")
    try:
        line = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise UsageError(f"{where}: not a line of JSON in UTF-8; nothing was taken in") from None
    if not isinstance(line, dict):
        raise UsageError(f"{where}: expected an object, found a {type(line).__name__}; nothing was taken in")
    return line


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
            f"{path} is not as it was written: its lines and their checksum do not agree; nothing was taken in"
        )


def _attempt(given: object, where: str) -> Attempt:
    if not isinstance(given, dict):
        raise UsageError(
            f"{where}: expected an attempt's fields, found a {type(given).__name__}; nothing was taken in"
        )
    try:
        return Attempt.from_fields(given)
    except ProgressError as error:
        raise UsageError(f"{where}: {error}; nothing was taken in") from None


def _coaching(given: object, where: str) -> Coaching:
    match given:
        case {"bank": str(bank), "problem": str(problem), "hints": int(hints), "given_up": bool(given_up), **rest} if (
            not rest and type(hints) is int and 0 <= hints <= MOST_HINTS and len(bank) <= LONGEST_WORD and _SLUG.fullmatch(problem)
            and bank.isprintable()
        ):  # fmt: skip
            return Coaching(bank, problem, hints, given_up)
    raise UsageError(f"{where}: no coaching of a problem; nothing was taken in")
