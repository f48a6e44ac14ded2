"""Hints: one plainer than the other, and the solution for who has solved it or given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempts import an_attempt
from torch_judge.learning.hints import Hint, HintsGiven, give_hint, give_up, may_see_solution
from torch_judge.learning.history import History
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

FIRST, SECOND = Hint(1, 2, "First."), Hint(2, 2, "Second.")
NOWHERE = History(Path("/dev/null/home"))


@pytest.fixture
def hinted(problem: Problem) -> Problem:
    (problem.folder / "hints.md").write_text("First.\n---\nSecond.\n")
    return problem


def test_hints_come_one_after_the_other_and_after_the_last_all_again(
    hinted: Problem, history: History
) -> None:
    given = [give_hint(hinted, history) for _ in range(4)]
    again = HintsGiven("double", (FIRST, SECOND), is_repeated=True)
    assert given == [HintsGiven("double", (FIRST,)), HintsGiven("double", (SECOND,)), again, again]
    assert [FIRST.is_last, SECOND.is_last] == [False, True]


def test_a_hint_that_is_asked_for_by_its_number_counts_for_nothing(hinted: Problem, history: History) -> None:
    assert give_hint(hinted, history, number=2) == HintsGiven("double", (SECOND,))
    assert give_hint(hinted, history) == HintsGiven("double", (FIRST,))
    for number in (0, 3):
        with pytest.raises(UsageError, match=f"double has hints 1 to 2, not {number}"):
            give_hint(hinted, history, number=number)


def test_a_problem_without_hints_gives_none(problem: Problem, history: History) -> None:
    (problem.folder / "hints.md").write_text("\n")
    assert give_hint(problem, history) == HintsGiven("double", ())


def test_where_nothing_is_remembered_the_first_hint_comes_with_the_reason(hinted: Problem) -> None:
    given = give_hint(hinted, NOWHERE)
    assert given.hints == (FIRST,)
    assert given.unremembered == "progress cannot be saved: /dev/null/home: Not a directory"


def test_the_solution_is_for_who_has_solved_it(problem: Problem, history: History) -> None:
    for verdict, is_open in ((Verdict.WRONG_ANSWER, False), (Verdict.ACCEPTED, True)):
        history.add(an_attempt(bank=str(problem.bank), problem="double", verdict=verdict))
        assert may_see_solution(problem, history) is is_open


def test_the_solution_is_for_who_has_given_up(problem: Problem, history: History) -> None:
    assert not may_see_solution(problem, history)
    assert give_up(problem, history) == ""
    assert may_see_solution(problem, history)


def test_that_somebody_gave_up_may_not_be_remembered(problem: Problem) -> None:
    assert "Not a directory" in give_up(problem, NOWHERE)
    assert not may_see_solution(problem, NOWHERE)
