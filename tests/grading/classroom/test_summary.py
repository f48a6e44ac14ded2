"""What a class comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.classes import make_grade, make_marks
from tests.support.packages import write_package
from torch_judge.grading.classroom.classwork import Lack
from torch_judge.grading.classroom.summary import ClassSummary, summarise_class
from torch_judge.model.bank import find_bank


@pytest.fixture
def summary(tmp_path: Path) -> ClassSummary:
    write_package(tmp_path / "bank")
    grades = [
        make_grade("a"),
        make_grade("b", failed=1, diagnosis=("adds",)),
        make_grade("c", failed=2, diagnosis=("adds", "returns_x")),
        make_grade("d", lack=Lack.MISSING),
        make_grade("e", lack=Lack.UNREADABLE),
        make_grade("f", passed=False),
    ]
    return summarise_class(list(map(make_marks, grades)), [find_bank(tmp_path / "bank").load("double")])


def test_scores_are_counted_in_tenths_without_those_that_are_not_known(summary: ClassSummary) -> None:
    assert (summary.students, summary.graded) == (6, 5)
    assert summary.bins == (2, 0, 0, 0, 0, 1, 0, 1, 0, 1)
    assert (summary.mean, summary.median) == (pytest.approx(2.25 / 5), 0.5)
    assert (summary.missing, summary.unreadable, summary.judge_errors) == (1, 1, 1)


def test_mistakes_and_cases_are_counted_the_commonest_first(summary: ClassSummary) -> None:
    (double,) = summary.problems
    assert double.mistakes == {"adds": 2, "returns_x": 1}
    assert [(case.name, case.failed, case.judged) for case in double.cases[:2]] == [
        ("case_0", 2, 4),
        ("case_1", 1, 4),
    ]
    assert (double.students, double.accepted) == (6, 1)


def test_a_class_of_nobody_is_no_error(tmp_path: Path) -> None:
    write_package(tmp_path / "bank")
    summary = summarise_class([], [find_bank(tmp_path / "bank").load("double")])
    assert (summary.mean, summary.median, summary.bins) == (None, None, (0,) * 10)
