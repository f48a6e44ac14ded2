"""Help for a learner: which hint is next, and whether the solution may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.problem import Problem

from .attempt import name_bank
from .history import History


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint, and its number from 1 on among all of its problem's, which go from gentle to plain."""

    number: int
    total: int
    text: str

    @property
    def is_last(self) -> bool:
        """Tell whether no plainer one follows."""
        return self.number == self.total


@dataclass(frozen=True, slots=True)
class HintsGiven:
    """What a learner is given who asks for a hint: one, or, after the last one, all of them again."""

    problem: str
    hints: tuple[Hint, ...]
    is_repeated: bool = False
    """All of them were given before."""
    unremembered: str = ""
    """Why it is not remembered that this hint was given, so that it is the first one each time."""


def list_hints(problem: Problem) -> tuple[Hint, ...]:
    """List a problem's hints, from gentle to plain."""
    texts = problem.read_hints()
    return tuple(Hint(number, len(texts), text) for number, text in enumerate(texts, 1))


def give_hint(problem: Problem, history: History, *, number: int | None = None) -> HintsGiven:
    """Give the next hint and count it as given; or the one of a number, which counts for nothing.

    After the last one, all of them. Where no history can be kept, the first one, and why.
    """
    hints = list_hints(problem)
    if not hints:
        return HintsGiven(problem.slug, ())
    if number is not None:
        if not 1 <= number <= len(hints):
            raise UsageError(f"{problem.slug} has hints 1 to {len(hints)}, not {number}")
        return HintsGiven(problem.slug, (hints[number - 1],))
    try:
        taken = history.take_hint(name_bank(problem), problem.slug, len(hints))
    except ProgressError as error:
        return HintsGiven(problem.slug, hints[:1], unremembered=str(error))
    if taken > len(hints):
        return HintsGiven(problem.slug, hints, is_repeated=True)
    return HintsGiven(problem.slug, (hints[taken - 1],))


def may_see_solution(problem: Problem, history: History) -> bool:
    """Tell whether a problem is solved, or was given up before.

    Where the history cannot be read, it is not known to be.
    """
    bank = name_bank(problem)
    try:
        tally = history.tally(bank).get(problem.slug)
        return bool(tally and tally.is_solved) or history.find_coaching(bank, problem.slug).given_up
    except ProgressError:
        return False


def give_up(problem: Problem, history: History) -> str:
    """Remember that the solution was asked for before the problem was solved.

    Return why it cannot be remembered, or nothing.
    """
    try:
        history.give_up(name_bank(problem), problem.slug)
    except ProgressError as error:
        return str(error)
    return ""
