"""Names of files that are made of students' names: safe on every system, and no two alike."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from torch_judge.grading.layouts.submitted import Student

_LONGEST: Final = 80
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def name_files(students: Iterable[Student]) -> dict[str, str]:
    """Make a file's name, without a suffix, for each student's key; the same for the same class."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for student in students:
        name = make_safe(student.label)
        if name.casefold() in taken:
            digest = hashlib.sha256(student.key.encode("utf-8", "surrogatepass")).hexdigest()
            name = f"{name}-{digest[:12]}"
        taken.add(name.casefold())
        names[student.key] = name
    return names


def make_safe(text: str) -> str:
    """Make a text the name of a file: letters, digits, dots, dashes and underscores, and no way out."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    name = re.sub(r"[^\w.-]+", "_", text).strip("._-")
    while len(name.encode()) > _LONGEST:
        name = name[:-1]
    return f"{name}_" if _RESERVED.fullmatch(name) else name or "student"
