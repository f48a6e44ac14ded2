"""Hints: one plainer than the other, and the solution for who has solved it or given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempts import an_attempt
from torch_judge.learning.hints import Hint, HintsGiven, give_hint, give_up, list_shown, may_see_solution
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
    assert given == [
        HintsGiven("double", (FIRST,)),
        HintsGiven("double", (SECOND,), is_last=True),
        again,
        again,
    ]


TAGGED = (
    "First.\n---\nfits: adds\nSecond.\n---\nFits: multiplies_any_input, adds_twice\nThird.\n---\nFourth.\n"
)


@pytest.fixture
def tagged(problem: Problem) -> Problem:
    (problem.folder / "hints.md").write_text(TAGGED)
    return problem


def numbers(problem: Problem, history: History, count: int) -> list[tuple[int, bool]]:
    """Ask for so many hints; tell their numbers, and whether each fits."""
    return [(hint.number, hint.fits) for _ in range(count) for hint in give_hint(problem, history).hints]


def fail(problem: Problem, history: History, **facts: object) -> None:
    history.add(an_attempt(bank=str(problem.bank), problem="double", **facts))


def test_the_hint_that_fits_the_mistake_of_the_latest_attempt_comes_first(
    tagged: Problem, history: History
) -> None:
    fail(tagged, history, diagnosis="adds_twice", failed=())
    fail(tagged, history, diagnosis="adds", failed=("multiplies_any_input",))
    assert numbers(tagged, history, 2) == [(2, True), (1, False)]
    fail(tagged, history, diagnosis="adds_twice", failed=())
    assert numbers(tagged, history, 2) == [(3, True), (4, False)]
    assert give_hint(tagged, history).is_repeated


def test_where_no_hint_fits_the_mistake_one_that_fits_a_failed_case_comes_first(
    tagged: Problem, history: History
) -> None:
    fail(tagged, history, diagnosis="something_else", failed=("other", "multiplies_any_input"))
    assert numbers(tagged, history, 2) == [(3, True), (1, False)]


def test_an_answer_that_was_accepted_or_put_aside_fits_no_hint(tagged: Problem, history: History) -> None:
    for verdict in (Verdict.ACCEPTED, None):
        fail(tagged, history, verdict=verdict, diagnosis="adds", failed=("multiplies_any_input",))
        assert not any(fits for _, fits in numbers(tagged, history, 1))


def test_a_hint_that_is_asked_for_by_its_number_counts_for_nothing(hinted: Problem, history: History) -> None:
    assert give_hint(hinted, history, number=2) == HintsGiven("double", (SECOND,), is_last=True)
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


def test_the_hints_that_were_shown_are_listed_and_say_whether_they_fit(
    problem: Problem, history: History
) -> None:
    (problem.folder / "hints.md").write_text("One.\n---\nfits: adds\nTwo.\n---\nThree.\n")
    assert list_shown(problem, history) == ()
    history.add(an_attempt(bank=str(problem.bank), problem="double", diagnosis="adds"))
    give_hint(problem, history)
    give_hint(problem, history)
    assert [(hint.number, hint.fits) for hint in list_shown(problem, history)] == [(1, False), (2, True)]
