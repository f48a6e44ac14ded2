"""Where a learner stands.

What is solved, tried and open, by problem and by topic, the streak of days, and which problem is next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from torch_judge.model.bank import Bank
from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.topic import Topic

from .attempt import OWN_BANK, Attempt, find_today, name_bank
from .history import History, Tally, find_history


class State(StrEnum):
    """How far a learner is with a problem."""

    SOLVED = "solved"
    TRIED = "tried"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row on which something was tried: up to today or yesterday, and the most there ever were."""

    days: int
    longest: int


@dataclass(frozen=True, slots=True)
class ProblemStanding:
    """A problem and what became of it; no tally where it was never tried."""

    problem: Problem
    tally: Tally | None

    @property
    def state(self) -> State:
        """Return how far the learner is."""
        if self.tally is None:
            return State.OPEN
        return State.SOLVED if self.tally.is_solved else State.TRIED


@dataclass(frozen=True, slots=True)
class TopicStanding:
    """How many problems of a topic are solved, how many it has, and those that were begun."""

    topic: str
    solved: int
    total: int
    begun: tuple[ProblemStanding, ...] = ()


@dataclass(frozen=True, slots=True)
class Solved:
    """What an accepted attempt has opened: how it was reached, what there is to see now, what is next."""

    problem: Problem
    attempts: int
    """Up to the first one that was accepted."""
    is_first: bool
    """No attempt at this problem was accepted before this one."""
    hints: int
    """How many of its hints were shown."""
    solved: int
    total: int
    """How many problems are solved, and how many the bank has."""
    others: int
    """How many right ways the bank has besides the jury solution."""
    next: Problem | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner stands in a bank; `next` is None where every problem is solved."""

    problems: tuple[ProblemStanding, ...]
    streak: Streak
    next: Problem | None

    def count(self, state: State) -> int:
        """Count the problems in a state."""
        return sum(standing.state is state for standing in self.problems)

    def count_by_topic(self) -> tuple[TopicStanding, ...]:
        """Count the solved problems of each topic: topics in their order, then tags."""
        named = [(standing, _name_topics(standing.problem)) for standing in self.problems]
        topics = dict.fromkeys(topic.words for topic in Topic) | dict.fromkeys(
            name for _, names in named for name in names
        )
        grouped = {topic: [standing for standing, names in named if topic in names] for topic in topics}
        return tuple(
            TopicStanding(
                topic,
                sum(standing.state is State.SOLVED for standing in standings),
                len(standings),
                tuple(standing for standing in standings if standing.state is not State.OPEN),
            )
            for topic, standings in grouped.items()
            if standings
        )


def _name_topics(problem: Problem) -> tuple[str, ...]:
    """Name what a problem is counted under: its topic, or its tags in a flat bank."""
    return problem.tags if problem.topic is None else (problem.topic.words,)


def find_standing(bank: Bank, history: History) -> Standing:
    """Find where the learner stands in a bank."""
    problems = bank.problems()
    name = name_bank(problems[0]) if problems else OWN_BANK
    tallies = history.tally(name)
    standings = tuple(ProblemStanding(problem, tallies.get(problem.slug)) for problem in problems)
    return Standing(
        standings, count_streak(history.list_days(name), find_today()), next_problem(problems, tallies)
    )


def find_solved(problem: Problem, history: History) -> Solved | None:
    """Find what a problem's solution has opened; None where no accepted attempt is kept."""
    name = name_bank(problem)
    attempts = history.count_until_solved(name, problem.slug)
    if attempts is None:
        return None
    problems, tallies = Bank(problem.bank).problems(), history.tally(name)
    return Solved(
        problem,
        attempts,
        is_first=tallies[problem.slug].accepted == 1,
        hints=history.find_coaching(name, problem.slug).hints,
        solved=sum(bool((tally := tallies.get(known.slug)) and tally.is_solved) for known in problems),
        total=len(problems),
        others=len(problem.samples(Verdict.ACCEPTED)),
        next=next_problem(problems, tallies),
    )


def find_following(bank: Bank, problem: Problem, history: History) -> Problem | None:
    """Find the problem to go on with: the next one, or, past one that is not solved, the one after it.

    None where every other one is solved.
    """
    try:
        tallies = history.tally(name_bank(problem))
    except ProgressError:  # a history that cannot be read keeps nobody from going on
        tallies = {}
    tally = tallies.get(problem.slug)
    is_solved = bool(tally and tally.is_solved)
    return next_problem(bank.problems(), tallies, after=None if is_solved else problem.slug)


def find_states(problems: Sequence[Problem]) -> dict[str, State]:
    """Find how far the learner is with problems of one bank, by name; nothing where that cannot be read."""
    try:
        tallies = find_history().tally(name_bank(problems[0])) if problems else {}
    except ProgressError:
        return {}
    return {problem.slug: ProblemStanding(problem, tallies.get(problem.slug)).state for problem in problems}


def count_streak(days: Iterable[date], today: date) -> Streak:
    """Count the days in a row, as of today. Days after it, from a clock that went wrong, do not count."""
    longest = run = 0
    before: date | None = None
    for day in sorted({day for day in days if day <= today}):
        run = run + 1 if before is not None and day - before == timedelta(days=1) else 1
        longest = max(longest, run)
        before = day
    # today is not over: a streak up to yesterday may still go on
    is_alive = before is not None and today - before <= timedelta(days=1)
    return Streak(run if is_alive else 0, longest)


def next_problem(
    problems: Sequence[Problem], tallies: Mapping[str, Tally], *, after: str | None = None
) -> Problem | None:
    """Find the first problem that is not solved, beginning after a given one and going round.

    None where all are.
    """
    slugs = [problem.slug for problem in problems]
    start = slugs.index(after) + 1 if after in slugs else 0
    for problem in [*problems[start:], *problems[:start]]:
        tally = tallies.get(problem.slug)
        if problem.slug != after and not (tally and tally.is_solved):
            return problem
    return None


def find_attempt(problem: Problem, history: History, number: int) -> Attempt:
    """Find the attempt of a number at a problem; UsageError says which there are."""
    bank = name_bank(problem)
    attempt = history.find(bank, problem.slug, number)
    if attempt is None:
        total = history.count(bank, problem.slug)
        raise UsageError(
            f"no attempt {number} at {problem.slug}; there are {f'1 to {total}' if total else 'none'}"
        )
    return attempt
