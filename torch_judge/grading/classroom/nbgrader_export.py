"""Grades as nbgrader exports them, a line for each student."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .grades import Marks, write_csv
from .points import write_points

COLUMNS: Final = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def write_for_nbgrader(marks: Iterable[Marks], *, assignment: str, due: str = "") -> str:
    """Write grades as CSV. A penalty is for the teacher to decide: there is none."""
    rows = [COLUMNS]
    for each in marks:
        first, last = _split_name(each.student.name)
        times = [grade.work.timestamp for grade in each.grades if grade.work.timestamp]
        named = next((grade.work.assignment for grade in each.grades if grade.work.assignment), assignment)
        score = "" if each.score is None else write_points(each.score)
        when = f"{max(times):%Y-%m-%d %H:%M:%S.%f}" if times else ""
        most = write_points(each.most)
        person = (each.student.key, last, first, each.student.email)
        rows.append((named, due, when, *person, score, "0", score, most))
    return write_csv(rows)


def _split_name(name: str) -> tuple[str, str]:
    """Split a name into first and last, as far as that can be told."""
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first, last
