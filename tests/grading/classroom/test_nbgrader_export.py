"""Grades as nbgrader exports them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

from tests.support.classes import make_grade, make_marks
from torch_judge.grading.classroom.nbgrader_export import COLUMNS, write_for_nbgrader


def test_a_student_is_a_line_with_all_points() -> None:
    grade = make_grade("ada", failed=1, name="Ada King Lovelace", email="ada@example.org")
    grade = replace(grade, work=replace(grade.work, timestamp=datetime(2026, 11, 20, 12, tzinfo=UTC)))
    marks = [make_marks(grade, make_grade(task="triple")), make_marks(make_grade("=x", passed=False))]
    head, first, second = csv.reader(
        io.StringIO(write_for_nbgrader(marks, assignment="ps1", due="2026-11-21"))
    )
    assert tuple(head) == COLUMNS
    assert first == [
        *(
            "ps1",
            "2026-11-21",
            "2026-11-20 12:00:00.000000",
            "ada",
            "Lovelace",
            "Ada King",
            "ada@example.org",
        ),
        *("1.75", "0", "1.75", "2"),
    ]
    assert second[3] == "'=x" and second[7] == second[9] == ""
