"""Students' names as names of files: no way out, and no two alike."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from torch_judge.grading.classroom.file_names import make_safe, name_files
from torch_judge.grading.layouts.submitted import Student


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "etc_passwd"),
        ("..", "student"),
        ("", "student"),
        ("Ada Lovelace 12", "Ada_Lovelace_12"),
        ("Žofie Nováková", "Žofie_Nováková"),
        ("a\\b:c*?<>|\x00d", "a_b_c_d"),
        ("con", "con_"),
        ("NUL.txt", "NUL.txt_"),
        ("<script>", "script"),
        ("\ud800", "student"),
    ],
)
def test_a_name_is_safe(text: str, name: str) -> None:
    assert make_safe(text) == name


def test_a_long_name_is_cut_to_what_a_file_system_takes() -> None:
    assert len(make_safe("ž" * 500).encode()) == 80


def test_no_two_students_have_one_file() -> None:
    students = [Student("a/b"), Student("a b"), Student("A_B"), Student("..")]
    names = name_files(students)
    assert len({name.casefold() for name in names.values()}) == len(students)
    assert names == name_files(students)
    assert all(PurePosixPath(name).name == name for name in names.values())
