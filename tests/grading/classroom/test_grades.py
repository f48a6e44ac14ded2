"""The table of grades: a line for each student and problem, of which a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import io

import pytest

from tests.support.classes import make_grade, make_marks
from torch_judge.grading.classroom.classwork import Lack, Work
from torch_judge.grading.classroom.grades import COLUMNS, grade_works, guard_cell, write_grades
from torch_judge.grading.classroom.points import Points
from torch_judge.grading.layouts.submitted import Student


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_line_says_what_it_came_to() -> None:
    grade = make_grade(failed=1, diagnosis=("ignores_scale", "adds"), email="ada@example.org", most=2)
    (row,) = read(write_grades([make_marks(grade)]))
    assert tuple(row) == COLUMNS
    facts = ("student", "problem", "score", "max", "verdict", "passed", "cases", "diagnosis", "seed", "file")
    assert [row[fact] for fact in facts] == [
        *(
            "ada",
            "double",
            "1.5",
            "2",
            "wrong answer",
            "no",
            "3 of 4",
            "ignores scale and adds",
            "7",
            "answer.py",
        ),
    ]


def test_missing_is_no_points_and_a_failure_of_the_judge_is_none() -> None:
    missing, failed = make_grade(lack=Lack.MISSING, note="why"), make_grade("bob", passed=False)
    rows = read(write_grades([make_marks(missing), make_marks(failed)]))
    assert [(row["verdict"], row["score"], row["passed"], row["note"]) for row in rows] == [
        ("missing", "0", "no", "why"),
        ("judge error", "", "", ""),
    ]
    assert make_marks(make_grade(), make_grade(passed=False)).score is None


def test_files_that_are_nobodys_stand_below() -> None:
    (row,) = read(write_grades([], [("../x.py", "leads outside")]))
    assert (row["student"], row["verdict"], row["file"]) == ("", "unreadable", "../x.py")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert guard_cell(text).startswith("'") and "\n" not in guard_cell(text)
    grade = make_grade(f"{text}ada", name=text, email=text, note=text, lack=Lack.MISSING)
    (row,) = csv.reader(io.StringIO(write_grades([make_marks(grade)]).partition("\n")[2]))
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_work_that_is_not_judged_yet_has_no_points() -> None:
    student = Student("ada")
    judged = make_grade().work
    (marks,) = grade_works(
        [judged, Work(student, "triple", None, Lack.MISSING)], {}, Points({"double": 1, "triple": 1})
    )
    assert [(grade.verdict, grade.score) for grade in marks.grades] == [
        ("not judged", None),
        ("missing", 0.0),
    ]
