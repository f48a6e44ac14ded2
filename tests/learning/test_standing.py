"""Where a learner stands: the streak, what is solved, what is next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.support.attempts import a_report, an_attempt
from torch_judge.learning.history import History, Tally, record
from torch_judge.learning.standing import (
    ProblemStanding,
    Standing,
    State,
    Streak,
    TopicStanding,
    count_streak,
    find_attempt,
    find_standing,
    next_problem,
)
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import from_source

STREAKS = {
    "none": ("", Streak(0, 0)),
    "today": ("2026-11-21", Streak(1, 1)),
    "until yesterday": ("2026-11-19 2026-11-20", Streak(2, 2)),
    "broken": ("2026-11-17 2026-11-18 2026-11-19", Streak(0, 3)),
    "over a month's end": ("2026-10-31 2026-11-01 2026-11-21", Streak(1, 2)),
    "a clock that was ahead": ("2026-11-20 2026-11-21 2026-11-22 2031-01-01", Streak(2, 2)),
    "only days to come": ("2031-01-01", Streak(0, 0)),
}


@pytest.mark.parametrize(("days", "streak"), STREAKS.values(), ids=STREAKS.keys())
def test_a_streak_counts_days_in_a_row_up_to_today(days: str, streak: Streak) -> None:
    assert count_streak(map(date.fromisoformat, days.split()), date(2026, 11, 21)) == streak


def test_the_next_problem_is_the_first_open_one_and_goes_round(problem: Problem) -> None:
    problems = [replace(problem, slug=slug) for slug in "abc"]
    solved = {"a": Tally("a", 1, 1, 0.1), "b": Tally("b", 2, 0, None)}
    assert next_problem(problems, solved) == problems[1]
    assert next_problem(problems, solved, after="b") == problems[2]
    assert next_problem(problems, solved, after="c") == problems[1]
    assert next_problem(problems, dict.fromkeys("abc", solved["a"])) is None


def test_problems_and_topics_are_counted_by_what_became_of_them(problem: Problem, history: History) -> None:
    bank = find_bank(problem.bank)
    assert find_standing(bank, history).count(State.OPEN) == 1
    record(problem, from_source("x"), a_report(Verdict.WRONG_ANSWER))
    tried = find_standing(bank, history)
    assert (tried.count(State.TRIED), tried.next) == (1, problem)
    assert tried.count_by_topic() == (TopicStanding("arithmetic", 0, 1),)
    record(problem, from_source("x"), a_report())
    solved = find_standing(bank, history)
    assert (solved.count(State.SOLVED), solved.count(State.TRIED), solved.next) == (1, 0, None)
    assert solved.count_by_topic() == (TopicStanding("arithmetic", 1, 1),)
    assert solved.streak == Streak(1, 1)
    (standing,) = solved.problems
    assert standing.tally == Tally("double", 2, 1, 0.75)


def test_a_problem_without_an_attempt_stands_open_beside_one_that_is_solved(problem: Problem) -> None:
    other = replace(problem, slug="other", tags=("arithmetic", "more"))
    pair = (ProblemStanding(problem, Tally("double", 1, 1, 0.1)), ProblemStanding(other, None))
    standing = Standing(pair, Streak(0, 0), other)
    assert [standing.state for standing in pair] == [State.SOLVED, State.OPEN]
    assert standing.count_by_topic() == (TopicStanding("arithmetic", 1, 2), TopicStanding("more", 0, 1))


def test_an_attempt_that_is_not_there_is_wrong_usage_that_says_which_are(
    problem: Problem, history: History
) -> None:
    with pytest.raises(UsageError, match="no attempt 1 at double; there are none"):
        find_attempt(problem, history, 1)
    attempt = an_attempt(bank=str(problem.bank), problem="double")
    history.add(attempt)
    history.add(an_attempt(bank=str(problem.bank), problem="double"))
    assert find_attempt(problem, history, 1) == attempt
    for number in (0, 3):
        with pytest.raises(UsageError, match=f"no attempt {number} at double; there are 1 to 2"):
            find_attempt(problem, history, number)
