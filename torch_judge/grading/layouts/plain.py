"""A folder for each student, or a file named after each; and Otter's zips, one for each student."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from .files import ZIP, Export, File
from .submitted import Arranged, Student, Submitted

_OF_OTTER: Final = {".OTTER_LOG", "__zip_filename__"}


def is_of_otter(export: Export) -> bool:
    """Tell whether an export is one zip that Otter made of one student's notebook."""
    return export.is_zip and any(file.name in _OF_OTTER for file in export.files)


def arrange_otter(export: Export) -> Arranged:
    """Take a zip of Otter's as one student's, named as the zip is; in a folder each file is one."""
    if not is_of_otter(export):
        return arrange_plain(export)
    files = tuple((file.path, file) for file in export.files if file.may_hold_code)
    return Arranged([Submitted((Student(PurePosixPath(export.name).stem),), files)])


def arrange_plain(export: Export) -> Arranged:
    """Take each folder at the top as a student's, and each file there as that of a student of its name."""
    by_student: dict[str, list[tuple[str, File]]] = {}
    skipped = _find_wrapper(export)
    for file in export.files:
        top, _, rest = file.path.removeprefix(skipped).partition("/")
        if rest:  # a folder without code is a student's too, who handed in something else
            files = by_student.setdefault(top, [])
            if file.may_hold_code:
                files.append((rest, file))
        elif file.may_hold_code:
            by_student.setdefault(PurePosixPath(top).stem, []).append((top, file))
    return Arranged([Submitted((Student(key),), tuple(files)) for key, files in by_student.items()])


def _find_wrapper(export: Export) -> str:
    """Find the folder that all of a zip lies in and that is no student's, with its slash; else nothing."""
    tops = {file.path.partition("/")[0] for file in export.files}
    if not export.is_zip or len(tops) != 1:
        return ""
    (top,) = tops
    inside = [file.path.partition("/")[2] for file in export.files if file.may_hold_code]
    if not all(inside):
        return ""
    folders = {path.partition("/")[0] for path in inside if "/" in path}
    is_of_many = len(folders) > 1 and all("/" in path for path in inside)
    named_alike = top == export.name[: -len(ZIP)]
    return f"{top}/" if is_of_many or named_alike else ""
