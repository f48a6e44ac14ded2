"""What a class comes to: scores, verdicts, how often each mistake was made and how hard each case was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch_judge.model.problem import Problem

from .classwork import Lack
from .grades import Grade, Marks

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many answers failed a case, of those that reached it."""

    name: str
    title: str
    failed: int
    judged: int


@dataclass(frozen=True, slots=True)
class ProblemSummary:
    """What the class did with a problem."""

    problem: Problem
    verdicts: Mapping[str, int]
    """By verdict, with `missing` and `unreadable`; the gravest last."""
    mistakes: Mapping[str, int]
    """The commonest first."""
    cases: tuple[CaseCount, ...]
    """The hardest first."""
    mean: float | None
    """The mean share of the points; None where nothing is graded."""

    @property
    def students(self) -> int:
        """Count the students."""
        return sum(self.verdicts.values())

    @property
    def accepted(self) -> int:
        """Count the answers that are accepted."""
        return self.verdicts.get("accepted", 0)


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """What a class did."""

    problems: tuple[ProblemSummary, ...]
    students: int
    graded: int
    """Students whose sum is known."""
    mean: float | None
    """Of the shares of the points."""
    median: float | None
    bins: tuple[int, ...]
    """How many students have a share of the points in each tenth; all of them is in the last."""
    late: int
    missing: int
    """Answers that were not handed in."""
    unreadable: int
    judge_errors: int


def summarise_class(marks: Sequence[Marks], problems: Sequence[Problem]) -> ClassSummary:
    """Sum up a class."""
    shares = sorted(each.score / each.most for each in marks if each.score is not None and each.most)
    verdicts = Counter(grade.verdict for each in marks for grade in each.grades)
    bins = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    middle = len(shares) // 2
    return ClassSummary(
        problems=tuple(_summarise_problem(marks, problem) for problem in problems),
        students=len(marks),
        graded=len(shares),
        mean=_average(shares),
        median=(shares[middle] + shares[~middle]) / 2 if shares else None,
        bins=tuple(bins[number] for number in range(BINS)),
        late=sum(each.late for each in marks),
        missing=verdicts[Lack.MISSING],
        unreadable=verdicts[Lack.UNREADABLE],
        judge_errors=sum(grade.score is None for each in marks for grade in each.grades),
    )


def _summarise_problem(marks: Sequence[Marks], problem: Problem) -> ProblemSummary:
    grades = [grade for each in marks for grade in each.grades if grade.work.task_id == problem.slug]
    mistakes = Counter(name for grade in grades if grade.record for name in grade.record.diagnosis)
    shares = [grade.score / grade.most for grade in grades if grade.score is not None and grade.most]
    verdicts = Counter(grade.verdict for grade in grades)
    return ProblemSummary(
        problem,
        verdicts=dict(verdicts.most_common()),
        mistakes=dict(mistakes.most_common()),
        cases=_count_cases(grades),
        mean=_average(shares),
    )


def _count_cases(grades: Sequence[Grade]) -> tuple[CaseCount, ...]:
    titles: dict[str, str] = {}
    failed: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for report in (grade.record.report for grade in grades if grade.record and grade.record.report):
        for case in report.cases:
            titles.setdefault(case.name, case.title)
            judged[case.name] += 1
            failed[case.name] += not case.passed
    counts = [CaseCount(name, title, failed[name], judged[name]) for name, title in titles.items()]
    return tuple(sorted(counts, key=lambda case: -case.failed))


def _average(shares: Sequence[float]) -> float | None:
    return sum(shares) / len(shares) if shares else None
