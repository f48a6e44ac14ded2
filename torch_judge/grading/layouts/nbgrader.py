"""nbgrader: `submitted/STUDENT/ASSIGNMENT/NOTEBOOK.ipynb`, with a timestamp.txt beside it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Final

from .files import Export, File, UnreadableError
from .submitted import Arranged, Student, Submitted
from .times import parse_time

_PLACE: Final = re.compile(r"(?:.*/)?submitted/([^/]+)/([^/]+)/(.+)")
_INSIDE: Final = re.compile(r"([^/]+)/([^/]+)/(.+)")
TIMESTAMP: Final = "timestamp.txt"


def recognise_nbgrader(export: Export) -> bool:
    """Tell whether files lie in a `submitted` folder as nbgrader has it, or have its timestamps."""
    return any(
        _PLACE.fullmatch(file.path) or (file.name == TIMESTAMP and _INSIDE.fullmatch(file.path))
        for file in export.files
    ) or (export.name.removesuffix(".zip") == "submitted" and any(map(_is_inside, export.files)))


def _is_inside(file: File) -> bool:
    return _INSIDE.fullmatch(file.path) is not None


def arrange_nbgrader(export: Export) -> Arranged:
    """Take each student's folder of each assignment."""
    place = _PLACE if any(_PLACE.fullmatch(file.path) for file in export.files) else _INSIDE
    found: dict[tuple[str, str], list[tuple[str, File]]] = {}
    times: dict[tuple[str, str], datetime | None] = {}
    for file in export.files:
        match = place.fullmatch(file.path)
        if match is None:
            continue
        student, assignment, name = match.groups()
        files = found.setdefault((student, assignment), [])
        if name == TIMESTAMP:
            with suppress(UnreadableError):
                times[student, assignment] = parse_time(file.read()[:100].decode("utf-8", "replace"))
        elif file.may_hold_code:
            files.append((name, file))
    return Arranged(
        [
            Submitted(
                (Student(student),), tuple(files), assignment, timestamp=times.get((student, assignment))
            )
            for (student, assignment), files in found.items()
        ]
    )
