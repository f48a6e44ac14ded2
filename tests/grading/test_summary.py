"""The summary: pass@k without bias, per problem, topic and all, and what counts for nothing."""

from __future__ import annotations

import itertools
import json
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.grading.records import Record
from torch_judge.grading.summary import Summary, estimate_pass_at, summarise
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem

RIGHT = Record("double", "0", passed=True, verdict="accepted", score=1.0)
WRONG = replace(RIGHT, passed=False, verdict="wrong answer", score=0.5, diagnosis=("adds",))
FAILED = replace(RIGHT, passed=None, verdict="judge error", score=None)


@pytest.fixture
def problems(tmp_path: Path) -> dict[str, Problem]:
    write_package(tmp_path)
    problem = find_bank(tmp_path).load("double")
    return {"double": problem, "treble": replace(problem, slug="treble", number=2)}


def sum_up(problems: dict[str, Problem], *records: Record, ks: tuple[int, ...] = (1, 2)) -> Summary:
    return summarise(records, problems, ks=ks, refused=1, run_seed=7, judge_version="2")


@pytest.mark.parametrize(("passed", "judged", "k"), [(1, 3, 1), (1, 3, 2), (2, 5, 3), (0, 4, 2), (4, 4, 2)])
def test_pass_at_k_is_the_mean_over_all_choices_of_k(passed: int, judged: int, k: int) -> None:
    answers = [True] * passed + [False] * (judged - passed)
    chosen = [any(choice) for choice in itertools.combinations(answers, k)]
    assert estimate_pass_at(k, passed=passed, judged=judged) == pytest.approx(statistics.mean(chosen))


def test_more_answers_than_there_are_cannot_be_chosen() -> None:
    with pytest.raises(ValueError, match="pass@3 needs 3 answers, and there are 2"):
        estimate_pass_at(3, passed=1, judged=2)


def test_problems_weigh_the_same_whatever_the_number_of_their_answers(problems: dict[str, Problem]) -> None:
    other = replace(WRONG, task_id="treble")
    summary = sum_up(problems, RIGHT, WRONG, WRONG, WRONG, other, replace(other, sample_id="1"))
    assert summary.total.pass_at == {"1": pytest.approx(0.125), "2": pytest.approx(0.25)}
    assert [line.pass_at["1"] for line in summary.problems] == [0.25, 0.0]
    assert (summary.total.passed, summary.total.judged, summary.total.problems) == (1, 6, 2)


def test_a_failure_of_the_judge_is_no_wrong_answer(problems: dict[str, Problem]) -> None:
    summary = sum_up(problems, RIGHT, FAILED)
    assert (summary.total.judged, summary.total.judge_errors) == (1, 1)
    assert summary.total.pass_at == {"1": 1.0, "2": None}
    assert summary.verdicts == {"accepted": 1, "judge error": 1}


def test_nothing_judged_has_no_estimate_and_is_no_error(problems: dict[str, Problem]) -> None:
    summary = sum_up(problems)
    assert summary.total.pass_at == {"1": None, "2": None}
    assert json.loads(summary.to_json())["refused"] == 1


def test_mistakes_are_counted_the_commonest_first(problems: dict[str, Problem]) -> None:
    many = replace(WRONG, diagnosis=("returns_x",))
    summary = sum_up(problems, WRONG, many, many)
    assert list(summary.mistakes["double"].items()) == [("returns_x", 2), ("adds", 1)]
