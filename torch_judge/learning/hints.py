"""The coach: which hint is next, whether the solution may be shown, which problem to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.ui.document import Block, Code, Document, Heading, Paragraph

from .attempt import bank_of
from .history import History, Standing


class Place(StrEnum):
    """Where a learner works, which decides how a command is written."""

    NOTEBOOK = "notebook"
    TERMINAL = "terminal"

    def call(self, command: str, problem: str, **options: str) -> str:
        """Return what a learner types there."""
        if self is Place.NOTEBOOK:
            named = "".join(f", {key}={value}" for key, value in options.items())
            return f'{command}("{problem}"{named})'
        words = [
            f"--{key.replace('_', '-')}" + (f" {value}" if value != "True" else "")
            for key, value in options.items()
        ]
        return " ".join(["torch-judge", command, problem, *words])


class StillOpen(UsageError):  # noqa: N818 - a state of the problem, and what to do about it
    """The solution was asked for, the problem is not solved yet, and nobody has confirmed."""


def give_hint(problem: Problem, progress: History, *, place: Place, number: int | None = None) -> Document:
    """Return the next hint, from gentle to plain, and count it as shown; or the one of a number.

    After the last one, all of them. Where progress cannot be kept, the first one, and how to see the others.
    """
    hints = problem.read_hints()
    if not hints:
        return Document((Paragraph(f"{problem.slug} has no hints."),))
    if number is not None:
        if not 1 <= number <= len(hints):
            raise UsageError(f"{problem.slug} has hints 1 to {len(hints)}, not {number}")
        return _hint_sheet(problem, number, place)
    try:
        taken = progress.take_hint(bank_of(problem), problem.slug, len(hints))
    except ProgressError as error:
        sheet = _hint_sheet(problem, 1, place)
        other = place.call("hint", problem.slug, number="2")
        return sheet.with_notices(
            [f"which hints you have seen is not remembered: {error}. `{other}` shows the second"]
        )
    sheet = _hint_sheet(problem, taken, place) if taken <= len(hints) else _all_hints(problem, place)
    return sheet.with_notices(progress.notices)


def _hint_sheet(problem: Problem, number: int, place: Place) -> Document:
    hints = problem.read_hints()
    again = place.call("hint", problem.slug)
    last = number == len(hints)
    after = (
        f"This is the last one. {_way_out(problem, place)}"
        if last
        else f"`{again}` gives the next one, which is plainer."
    )
    return Document(
        (
            Heading(f"{problem.slug}: hint {number} of {len(hints)}"),
            Paragraph(hints[number - 1]),
            Paragraph(after),
        )
    )


def _all_hints(problem: Problem, place: Place) -> Document:
    blocks: list[Block] = [
        Heading(f"{problem.slug}: you have seen all {len(problem.read_hints())} hints; here they are again")
    ]
    blocks += [Paragraph(f"{number}. {text}") for number, text in enumerate(problem.read_hints(), 1)]
    return Document((*blocks, Paragraph(_way_out(problem, place))))


def _way_out(problem: Problem, place: Place) -> str:
    return f"`{place.call('solution', problem.slug)}` shows the jury solution once you have solved it, or give up."


def may_see_solution(problem: Problem, progress: History) -> bool:
    """Tell whether a problem is solved, or was given up before; where the history cannot be read, it is not known to be."""
    bank = bank_of(problem)
    try:
        standing = progress.standings(bank).get(problem.slug)
        return bool(standing and standing.solved) or progress.coaching(bank, problem.slug).given_up
    except ProgressError:
        return False


def show_solution(problem: Problem, progress: History, *, place: Place, give_up: bool = False) -> Document:
    """Return the jury solution; StillOpen where the problem is not solved and the learner does not give up."""
    notices: list[str] = []
    if not may_see_solution(problem, progress):
        if not give_up:
            option = {"give_up": "True"} if place is Place.NOTEBOOK else {"yes": "True"}
            raise StillOpen(
                f"you have not solved {problem.slug} yet; {place.call('solution', problem.slug, **option)} shows the solution"
            )
        try:
            progress.give_up(bank_of(problem), problem.slug)
        except ProgressError as error:
            notices.append(f"that you saw the solution is not remembered: {error}")
    sheet = Document((Heading(f"{problem.slug}: the jury solution"), Code(problem.read_solution())))
    return sheet.with_notices([*notices, *progress.notices])


def next_problem(
    problems: Sequence[Problem], standings: Mapping[str, Standing], *, after: str | None = None
) -> Problem | None:
    """Return the first problem that is not solved, beginning after a given one and going round; None if all are."""
    slugs = [each.slug for each in problems]
    start = slugs.index(after) + 1 if after in slugs else 0
    rotated = [*problems[start:], *problems[:start]]
    others = [each for each in rotated if each.slug != after]
    return next(
        (each for each in others if not (each.slug in standings and standings[each.slug].solved)), None
    )
