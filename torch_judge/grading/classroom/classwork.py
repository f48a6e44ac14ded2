"""Whose answers to which problems there are to judge: the latest attempt of each student, late or not."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from torch_judge.grading.answers import Key
from torch_judge.grading.layouts.submitted import Student, Submitted
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission

from .contents import Contents, read_contents

RARE: Final = 4
"""A problem that fewer than one in so many answer is graded only where it is asked for: what one student
calls a helper of their own may be another problem's entry point."""
NOTHING_INSIDE: Final = "holds no code"
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Lack(StrEnum):
    """Why there is nothing to judge of a student's answer to a problem."""

    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Handin:
    """What of a student counts: an attempt, and what it holds; of several assignments one each."""

    student: Student
    submitted: Submitted
    contents: Contents


@dataclass(frozen=True, slots=True)
class Work:
    """A student's answer to a problem, or why there is none; `note` says what a teacher may want to know."""

    student: Student
    task_id: str
    submission: Submission | None
    lack: Lack | None = None
    note: str = ""
    attempt: int | None = None
    timestamp: datetime | None = None
    late: bool | None = None
    assignment: str = ""

    @property
    def file(self) -> str:
        """Return the name of the file that is judged."""
        return self.submission.name if self.submission else ""

    @property
    def sample_id(self) -> str:
        """Return what the record is found by."""
        return self.student.key

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all code that is judged."""
        return digest_submission(self.submission) if self.submission else ""

    @property
    def key(self) -> Key:
        """Return what tells it from the other answers of a run."""
        return self.task_id, self.sample_id, self.digest


def digest_submission(submission: Submission) -> str:
    """Make a SHA-256 of all that is judged: cells and modules, with their names."""
    cells = [(cell.name, cell.source) for cell in submission.cells]
    modules = sorted((name, each.source, each.package) for name, each in submission.modules.items())
    raw = json.dumps([submission.name, submission.notebook, cells, modules])
    return hashlib.sha256(raw.encode()).hexdigest()


def list_handins(submitted: Iterable[Submitted], *, due: datetime | None = None) -> list[Handin]:
    """List what counts of each student: the latest attempt. What a group handed in is read once.

    Where it was `due` marks what was handed in later, beside what the system marks.
    """
    latest: dict[tuple[str, str], tuple[Student, Submitted]] = {}
    for each in sorted(submitted, key=_order):
        for student in each.students:
            before = latest.get((student.key, each.assignment))
            person = _join(before[0], student) if before else student
            latest[student.key, each.assignment] = person, each
    read: dict[int, Contents] = {}
    handins = []
    for student, each in latest.values():
        if id(each) not in read:
            read[id(each)] = read_contents(each)
        handins.append(Handin(student, _mark_late(each, due), read[id(each)]))
    return sorted(handins, key=lambda handin: _sort_key(handin.student))


def _sort_key(student: Student) -> tuple[str, str]:
    return student.label.casefold(), student.key


def _order(submitted: Submitted) -> tuple[datetime, int]:
    return submitted.timestamp or _NEVER, submitted.attempt or 0


def _join(one: Student, other: Student) -> Student:
    return Student(other.key, other.name or one.name, other.email or one.email)


def _mark_late(submitted: Submitted, due: datetime | None) -> Submitted:
    if due is None or submitted.timestamp is None:
        return submitted
    return replace(submitted, late=bool(submitted.late) or submitted.timestamp > due)


def count_answers(handins: Sequence[Handin], problems: Iterable[Problem]) -> dict[str, int]:
    """Count by problem how many students' files define its entry point; those that none does are left out."""
    counts: Counter[str] = Counter()
    for problem in problems:
        having = {each.student.key for each in handins if each.contents.defines(problem.entry_point)}
        counts[problem.slug] = len(having)
    return {slug: count for slug, count in counts.items() if count}


def choose_problems(
    counts: Mapping[str, int], handins: Sequence[Handin], problems: Sequence[Problem]
) -> tuple[list[Problem], list[Problem]]:
    """Choose what is graded where nobody says it; and list what only few students have answered."""
    found = [problem for problem in problems if problem.slug in counts]
    class_size = len({handin.student.key for handin in handins if handin.contents.submissions})
    rare = [problem for problem in found if counts[problem.slug] * RARE < class_size]
    return [problem for problem in found if problem not in rare], rare


def list_works(handins: Sequence[Handin], problems: Sequence[Problem]) -> list[Work]:
    """List every student's work on every problem, in the order of students and problems."""
    by_student: dict[str, list[Handin]] = {}
    for handin in handins:
        by_student.setdefault(handin.student.key, []).append(handin)
    return [_find_work(own, problem) for own in by_student.values() for problem in problems]


def _find_work(own: Sequence[Handin], problem: Problem) -> Work:
    """Find a student's answer to a problem; among several assignments, the latest that holds one."""
    ordered = sorted(own, key=lambda handin: _order(handin.submitted), reverse=True)
    answering = [handin for handin in ordered if handin.contents.find(problem.entry_point)]
    answering.sort(key=lambda handin: not handin.contents.defines(problem.entry_point))
    handin = answering[0] if answering else ordered[0]
    found = handin.contents.find(problem.entry_point)
    work = Work(
        handin.student,
        problem.slug,
        found[0] if found else None,
        attempt=handin.submitted.attempt,
        timestamp=handin.submitted.timestamp,
        late=handin.submitted.late,
        assignment=handin.submitted.assignment,
    )
    if not found:
        return _explain_lack(work, own, problem)
    others = ", ".join(each.name for each in found[1:])
    notes = [f"{problem.entry_point} is in several files; not judged: {others}"] if others else []
    notes += [f"{name}: {why}" for name, why in handin.contents.refused]
    return replace(work, note="; ".join(notes))


def _explain_lack(work: Work, own: Sequence[Handin], problem: Problem) -> Work:
    refused = [each for handin in own for each in handin.contents.refused]
    note = "; ".join(f"{name}: {why}" for name, why in refused)
    if any(why != NOTHING_INSIDE for _, why in refused):
        return replace(work, lack=Lack.UNREADABLE, note=note)
    if any(handin.contents.submissions for handin in own):
        return replace(work, lack=Lack.MISSING, note=f"no file defines {problem.entry_point}")
    return replace(work, lack=Lack.MISSING, note=note or "no .py and no .ipynb file was handed in")
