"""Grades: a line for each student and problem, as a table that a spreadsheet runs nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch_judge.grading.answers import Key
from torch_judge.grading.layouts.submitted import Student
from torch_judge.grading.records import Record
from torch_judge.model.naming import spell
from torch_judge.model.sanitize import one_line

from .classwork import Lack, Work
from .points import Points, write_points

COLUMNS: Final = (
    *("student", "name", "email", "problem", "score", "max", "verdict", "passed", "cases", "diagnosis"),
    *("attempt", "late", "submitted", "seed", "file", "note"),
)
LONGEST_CELL: Final = 2000
_RUN_BY_SPREADSHEETS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Grade:
    """What a student's work on a problem comes to. `score` is None where the judge failed."""

    work: Work
    record: Record | None
    score: float | None
    most: float

    @property
    def verdict(self) -> str:
        """Return the verdict, or why there is none."""
        if self.record is None:
            return self.work.lack.value if self.work.lack else "not judged"
        return self.record.verdict

    @property
    def passed_cases(self) -> int:
        """Count the cases that passed."""
        verdicts = self.record.cases.values() if self.record else ()
        return sum(verdict == "accepted" for verdict in verdicts)

    @property
    def cases(self) -> str:
        """Say how many cases passed, in words that no spreadsheet takes for a date."""
        return f"{self.passed_cases} of {len(self.record.cases)}" if self.record and self.record.cases else ""

    @property
    def diagnosis(self) -> str:
        """Name the mistakes."""
        return " and ".join(map(spell, self.record.diagnosis)) if self.record else ""


@dataclass(frozen=True, slots=True)
class Marks:
    """All grades of one student, in the order of the problems."""

    student: Student
    grades: tuple[Grade, ...]

    @property
    def score(self) -> float | None:
        """Return the sum; None where the judge failed at a part of it."""
        scores = [grade.score for grade in self.grades]
        return None if None in scores else sum(score for score in scores if score is not None)

    @property
    def most(self) -> float:
        """Return what could be reached."""
        return sum(grade.most for grade in self.grades)

    @property
    def late(self) -> bool:
        """Tell whether something was handed in late."""
        return any(grade.work.late for grade in self.grades)


def grade_works(works: Sequence[Work], records: Mapping[Key, Record], points: Points) -> list[Marks]:
    """Grade every student's work, in the order in which it is given."""
    by_student: dict[str, list[Grade]] = {}
    for work in works:
        record = records.get(work.key) if work.submission else None
        score = points.score(record) if record else 0.0 if work.lack else None
        grade = Grade(work, record, score, points.most[work.task_id])
        by_student.setdefault(work.student.key, []).append(grade)
    return [Marks(grades[0].work.student, tuple(grades)) for grades in by_student.values()]


def write_grades(marks: Iterable[Marks], refused: Iterable[tuple[str, str]] = ()) -> str:
    """Write grades as CSV, and below them the files that are nobody's or cannot be read."""
    rows: list[Sequence[str]] = [COLUMNS, *(_list_cells(grade) for each in marks for grade in each.grades)]
    for path, why in refused:
        cells = {"verdict": Lack.UNREADABLE.value, "file": path, "note": why}
        rows.append([cells.get(column, "") for column in COLUMNS])
    return write_csv(rows)


def write_csv(rows: Iterable[Sequence[str]]) -> str:
    """Write a table as CSV, whose cells no spreadsheet takes for a formula."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([list(map(guard_cell, row)) for row in rows])
    return stream.getvalue()


def guard_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, and keep a cell on one line."""
    guarded = f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text
    return one_line(guarded, longest=LONGEST_CELL)


def _list_cells(grade: Grade) -> list[str]:
    work, record = grade.work, grade.record
    return [
        work.student.key,
        work.student.name,
        work.student.email,
        work.task_id,
        "" if grade.score is None else write_points(grade.score),
        write_points(grade.most),
        grade.verdict,
        "" if record and record.passed is None else "yes" if record and record.passed else "no",
        grade.cases,
        grade.diagnosis,
        "" if work.attempt is None else str(work.attempt),
        "" if work.late is None else "late" if work.late else "no",
        work.timestamp.isoformat(timespec="seconds") if work.timestamp else "",
        "" if record is None else str(record.seed),
        work.file,
        work.note or (record.message if record else ""),
    ]
