"""Where a learner stands: the streak, what is solved, what is next."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.attempts import a_report, an_attempt
from tests.support.packages import write_package
from torch_judge.learning.attempt import name_bank
from torch_judge.learning.database import FILE
from torch_judge.learning.history import History, Tally, record
from torch_judge.learning.standing import (
    ProblemStanding,
    Solved,
    Standing,
    State,
    Streak,
    TopicStanding,
    count_streak,
    find_attempt,
    find_following,
    find_solved,
    find_standing,
    find_states,
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
    assert tried.count_by_topic() == (TopicStanding("arithmetic", 0, 1, tried.problems),)
    record(problem, from_source("x"), a_report())
    solved = find_standing(bank, history)
    assert (solved.count(State.SOLVED), solved.count(State.TRIED), solved.next) == (1, 0, None)
    assert solved.count_by_topic() == (TopicStanding("arithmetic", 1, 1, solved.problems),)
    assert solved.streak == Streak(1, 1)
    (standing,) = solved.problems
    assert standing.tally == Tally("double", 2, 1, 0.75)


def test_a_problem_without_an_attempt_stands_open_beside_one_that_is_solved(problem: Problem) -> None:
    other = replace(problem, slug="other", tags=("arithmetic", "more"))
    pair = (ProblemStanding(problem, Tally("double", 1, 1, 0.1)), ProblemStanding(other, None))
    standing = Standing(pair, Streak(0, 0), other)
    assert [standing.state for standing in pair] == [State.SOLVED, State.OPEN]
    assert standing.count_by_topic() == (
        TopicStanding("arithmetic", 1, 2, pair[:1]),
        TopicStanding("more", 0, 1),
    )


@pytest.fixture
def three(tmp_path: Path) -> dict[str, Problem]:
    """Make a bank of three problems, 1 to 3."""
    write_package(tmp_path / "three")
    for number, name in enumerate(("double", "again", "last"), 1):
        folder = tmp_path / "three" / name
        if name != "double":
            shutil.copytree(tmp_path / "three" / "double", folder)
        manifest = (folder / "problem.toml").read_text().replace("number = 1", f"number = {number}")
        (folder / "problem.toml").write_text(manifest)
    return {problem.slug: problem for problem in find_bank(tmp_path / "three").problems()}


def test_from_a_solved_problem_one_goes_where_next_goes_from_another_to_the_one_after_it(
    three: dict[str, Problem], history: History
) -> None:
    bank, last = find_bank(three["last"].bank), three["last"]
    assert find_following(bank, three["again"], history) == last
    assert find_following(bank, last, history) == three["double"]
    record(last, from_source("x"), a_report())
    assert find_following(bank, last, history) == find_standing(bank, history).next == three["double"]
    assert find_following(bank, three["again"], history) == three["double"]
    for problem in three.values():
        record(problem, from_source("x"), a_report())
    assert find_following(bank, last, history) is None
    assert find_following(bank, last, History(Path("/dev/null/home"))) == three["double"]


def test_an_accepted_answer_tells_how_it_was_reached_and_what_is_next(
    three: dict[str, Problem], history: History
) -> None:
    double = three["double"]
    record(double, from_source("x"), a_report(Verdict.WRONG_ANSWER))
    assert find_solved(double, history) is None
    history.take_hint(name_bank(double), "double", (1, 2))
    record(double, from_source("x"), a_report())
    right = len(double.samples(Verdict.ACCEPTED))
    expected = Solved(double, 2, is_first=True, hints=1, solved=1, total=3, others=right, next=three["again"])
    assert find_solved(double, history) == expected
    record(double, from_source("x"), a_report())
    assert find_solved(double, history) == replace(expected, is_first=False)


def test_how_far_one_is_with_each_problem_is_known_where_there_is_a_history(
    three: dict[str, Problem], history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(three["double"], from_source("x"), a_report())
    record(three["last"], from_source("x"), a_report(Verdict.WRONG_ANSWER))
    problems = tuple(three.values())
    assert find_states(problems) == {"double": State.SOLVED, "again": State.OPEN, "last": State.TRIED}
    assert find_states(()) == {}
    (tmp_path / "broken" / FILE).mkdir(parents=True)
    monkeypatch.setenv("TORCH_JUDGE_HOME", str(tmp_path / "broken"))
    assert find_states(problems) == {}


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
