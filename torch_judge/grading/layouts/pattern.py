"""A teacher's own pattern: a regular expression with named groups, searched for in each file's path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from torch_judge.model.errors import UsageError

from .files import Export, File
from .submitted import Arranged, Student, Submitted
from .times import parse_time

GROUPS: Final = ("student", "name", "email", "assignment", "attempt", "timestamp", "late", "file")
_NOT_LATE: Final = {"", "0", "no", "false", "ontime", "on time"}


def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern. Raises UsageError where it is none, or names no student."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise UsageError(f"--pattern {text}: is no regular expression: {error}") from None
    known = ", ".join(GROUPS)
    if "student" not in pattern.groupindex:
        raise UsageError(f"--pattern {text}: has no group (?P<student>...); there may be: {known}")
    for name in pattern.groupindex:
        if name not in GROUPS:
            raise UsageError(f"--pattern {text}: no group {name!r} is known; there may be: {known}")
    return pattern


def arrange_by_pattern(export: Export, pattern: re.Pattern[str]) -> Arranged:
    """Take files by what the pattern finds in their paths. Raises UsageError where it fits none."""
    found: dict[Submitted, list[tuple[str, File]]] = {}
    refused = []
    for file in (file for file in export.files if file.may_hold_code):
        match = pattern.search(file.path)
        if match is None or not match["student"]:
            refused.append((file.path, "does not fit the pattern"))
            continue
        groups = {name: text or "" for name, text in match.groupdict().items()}
        found.setdefault(_read_groups(groups), []).append((groups.get("file") or file.name, file))
    if refused and not found:
        raise UsageError(f"{export.name}: --pattern fits none of its {len(refused)} files")
    return Arranged(
        [
            Submitted(
                facts.students, tuple(files), facts.assignment, facts.attempt, facts.timestamp, facts.late
            )
            for facts, files in found.items()
        ],
        refused,
    )


def _read_groups(groups: Mapping[str, str]) -> Submitted:
    attempt = groups.get("attempt", "")
    if attempt and not (attempt.isascii() and attempt.isdigit()):
        raise UsageError(f"--pattern: the attempt {attempt!r} is no number")
    late = groups["late"].strip("_- ").lower() not in _NOT_LATE if "late" in groups else None
    return Submitted(
        (Student(groups["student"], groups.get("name", ""), groups.get("email", "")),),
        (),
        groups.get("assignment", ""),
        int(attempt) if attempt else None,
        _read_timestamp(groups.get("timestamp", "")),
        late,
    )


def _read_timestamp(text: str) -> datetime | None:
    found = parse_time(text) if text else None
    if text and found is None:
        raise UsageError(f"--pattern: the timestamp {text!r} is no time; write such as 2026-11-20T23:59:00")
    return found
