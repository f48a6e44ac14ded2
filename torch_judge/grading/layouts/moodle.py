"""Moodle: `Name Surname_1327627_assignsubmission_file_/FILE`, or all of it before the file's name."""

from __future__ import annotations

import re
from typing import Final

from .files import Export, File
from .submitted import Arranged, Student, Submitted

_PLACE: Final = re.compile(
    r"(?:.*/)?(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?:/(?P<inside>.+)|_?(?P<file>[^/]+))"
)


def recognise_moodle(export: Export) -> bool:
    """Tell whether paths hold Moodle's word for a submission."""
    return any(_PLACE.fullmatch(file.path) for file in export.files)


def arrange_moodle(export: Export) -> Arranged:
    """Take each participant's files; what was typed into a web page is no file."""
    found: dict[Student, list[tuple[str, File]]] = {}
    refused = []
    for file in export.files:
        match = _PLACE.fullmatch(file.path)
        if match is None:
            if file.may_hold_code:
                refused.append((file.path, "its name is not as Moodle names files"))
            continue
        files = found.setdefault(Student(match["id"], match["name"]), [])
        if file.may_hold_code and match["kind"] == "file":
            files.append((match["inside"] or match["file"], file))
    return Arranged([Submitted((student,), tuple(files)) for student, files in found.items()], refused)
