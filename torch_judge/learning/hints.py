"""Help for a learner: which hint is next, and whether the solution may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

from .attempt import Attempt, name_bank
from .history import History


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint, and its number from 1 on among all of its problem's, which go from gentle to plain."""

    number: int
    total: int
    text: str
    fits: bool = False
    """It is about what the latest attempt did wrong."""


@dataclass(frozen=True, slots=True)
class HintsGiven:
    """What a learner is given who asks for a hint: one, or, after the last one, all of them again."""

    problem: str
    hints: tuple[Hint, ...]
    is_last: bool = False
    """No other is left."""
    is_repeated: bool = False
    """All of them were given before."""
    unremembered: str = ""
    """Why it is not remembered that this hint was given, so that it is the first one each time."""


def list_hints(problem: Problem, attempt: Attempt | None = None) -> tuple[Hint, ...]:
    """List a problem's hints, from gentle to plain; those that fit a failed attempt say so."""
    written = problem.read_hints()
    names = next(
        (names for names in _name_failures(attempt) if any(names & set(hint.fits) for hint in written)), set()
    )
    return tuple(
        Hint(number, len(written), hint.text, not names.isdisjoint(hint.fits))
        for number, hint in enumerate(written, 1)
    )


def _name_failures(attempt: Attempt | None) -> Iterator[set[str]]:
    """Name what an attempt did wrong: its mistake, which says most, then its failed cases."""
    if attempt is not None and attempt.verdict not in {None, Verdict.ACCEPTED}:
        yield {attempt.diagnosis} - {""}
        yield set(attempt.failed)


def give_hint(problem: Problem, history: History, *, number: int | None = None) -> HintsGiven:
    """Give the next hint and count it as given; or the one of a number, which counts for nothing.

    Hints that fit the latest attempt come first. After the last one, all of them. Where no history can be
    kept, the first one, and why.
    """
    hints = list_hints(problem, _find_latest_attempt(problem, history))
    if not hints:
        return HintsGiven(problem.slug, ())
    if number is not None:
        if not 1 <= number <= len(hints):
            raise UsageError(f"{problem.slug} has hints 1 to {len(hints)}, not {number}")
        return HintsGiven(problem.slug, (hints[number - 1],), is_last=number == len(hints))
    order = [hint.number for hint in sorted(hints, key=lambda hint: not hint.fits)]
    try:
        taken = history.take_hint(name_bank(problem), problem.slug, order)
        count = history.find_coaching(name_bank(problem), problem.slug).hints
    except ProgressError as error:
        return HintsGiven(problem.slug, hints[:1], unremembered=str(error))
    if taken is None:
        return HintsGiven(problem.slug, hints, is_repeated=True)
    return HintsGiven(problem.slug, (hints[taken - 1],), is_last=count >= len(hints))


def list_shown(problem: Problem, history: History) -> tuple[Hint, ...]:
    """List the hints of a problem that were shown; those that fit the latest attempt say so."""
    hints = list_hints(problem, _find_latest_attempt(problem, history))
    shown = history.find_shown(name_bank(problem), problem.slug, [hint.number for hint in hints])
    return tuple(hint for hint in hints if hint.number in shown)


def _find_latest_attempt(problem: Problem, history: History) -> Attempt | None:
    """Find the latest attempt; where the history cannot be read there is none."""
    try:
        latest = history.list_latest(name_bank(problem), problem.slug, most=1)
    except ProgressError:
        return None
    return latest[0].attempt if latest else None


def may_see_solution(problem: Problem, history: History) -> bool:
    """Tell whether a problem is solved, or was given up before.

    Where the history cannot be read, it is not known to be.
    """
    try:
        is_given_up = history.find_coaching(name_bank(problem), problem.slug).given_up
    except ProgressError:
        return False
    return is_given_up or is_solved(problem, history)


def is_solved(problem: Problem, history: History) -> bool:
    """Tell whether an attempt at a problem was accepted; where that cannot be read, none is known."""
    try:
        tally = history.tally(name_bank(problem)).get(problem.slug)
    except ProgressError:
        return False
    return bool(tally and tally.is_solved)


def give_up(problem: Problem, history: History) -> str:
    """Remember that the solution was asked for before the problem was solved.

    Return why it cannot be remembered, or nothing.
    """
    try:
        history.give_up(name_bank(problem), problem.slug)
    except ProgressError as error:
        return str(error)
    return ""
