"""Canvas: a flat zip of `lastfirst[_LATE]_USERID_SUBMISSIONID_file.ipynb`."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from .files import Export, File
from .submitted import Arranged, Student, Submitted

_NAME: Final = re.compile(
    r"(?P<name>[^/_]+)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>[^/]+)"
)
_AGAIN: Final = re.compile(r"(?P<base>.+)-(?P<count>\d{1,3})(?P<suffix>\.[^.]+)")
"""A file of a name that was handed in before: `hw-1.ipynb` is the second `hw.ipynb`."""


@dataclass(frozen=True, slots=True)
class _Upload:
    file: File
    student: Student
    late: bool
    name: str
    """What the student called it."""
    count: int = 0
    """How many of this name were handed in before."""


def recognise_canvas(export: Export) -> bool:
    """Tell whether most files that may be answers are named as Canvas names them."""
    names = [file.name for file in export.files if file.may_hold_code]
    return bool(names) and 2 * sum(_NAME.fullmatch(name) is not None for name in names) > len(names)


def arrange_canvas(export: Export) -> Arranged:
    """Take each user's files; of a file that was handed in again, the last one."""
    uploads, refused = [], []
    known: dict[str, set[str]] = defaultdict(set)
    for file in export.files:
        match = _NAME.fullmatch(file.name)
        if match is None:
            if file.may_hold_code:
                refused.append((file.path, "its name is not as Canvas names files"))
            continue
        student = Student(match["user"], match["name"])
        uploads.append(_Upload(file, student, bool(match["late"]), match["file"]))
        known[match["file"]].add(match["user"])
    by_student: dict[Student, list[_Upload]] = defaultdict(list)
    for upload in uploads:
        by_student[upload.student].append(_count_again(upload, set(known)))
    return Arranged([_take_last(student, found) for student, found in by_student.items()], refused)


def _count_again(upload: _Upload, names: set[str]) -> _Upload:
    """Read the number that Canvas put behind a name, where the class has the name without it too.

    Else it is the student's own: `lab-2.ipynb` is what everybody calls the second lab.
    """
    match = _AGAIN.fullmatch(upload.name)
    if match is None or f"{match['base']}{match['suffix']}" not in names:
        return upload
    name = f"{match['base']}{match['suffix']}"
    return _Upload(upload.file, upload.student, upload.late, name, int(match["count"]))


def _take_last(student: Student, uploads: list[_Upload]) -> Submitted:
    last: dict[str, _Upload] = {}
    for upload in sorted(uploads, key=lambda upload: upload.count):
        last[upload.name] = upload
    files = tuple((name, upload.file) for name, upload in sorted(last.items()) if upload.file.may_hold_code)
    return Submitted(
        (student,),
        files,
        attempt=1 + max(upload.count for upload in last.values()),
        late=any(upload.late for upload in last.values()),
    )
