"""The pages of a learner's day, made of the values of `learning`.

Hints, the solution, the standing, the history of a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from torch_judge.learning.attempt import Attempt, name_bank
from torch_judge.learning.hints import Hint, HintsGiven, give_hint, give_up, may_see_solution
from torch_judge.learning.history import History, Listed
from torch_judge.learning.standing import ProblemStanding, Standing, State, Streak, find_attempt
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem

from .document import Code, Document, Grid, Heading, Paragraph

ATTEMPTS_LISTED = 20
FAILED_CASES_NAMED = 5
LONGEST_SOURCE = 40
MARKS = {State.SOLVED: "✓", State.TRIED: "-", State.OPEN: " "}
"""Signs that tell the states apart without a colour."""


class Place(StrEnum):
    """Where a learner works, which decides how a command is written."""

    NOTEBOOK = "notebook"
    TERMINAL = "terminal"

    def call(self, command: str, *arguments: str | int, **options: object) -> str:
        """Write a command as a learner types it there; an option that is True is a flag in a terminal."""
        if self is Place.NOTEBOOK:
            quoted = [
                f'"{argument}"' if isinstance(argument, str) else str(argument) for argument in arguments
            ]
            return f"{command}({', '.join([*quoted, *(f'{key}={value}' for key, value in options.items())])})"
        flags = (
            f"--{key.replace('_', '-')}{'' if value is True else f' {value}'}"
            for key, value in options.items()
        )
        return " ".join(["torch-judge", command, *map(str, arguments), *flags])


class StillOpen(UsageError):  # noqa: N818 - a state of the problem, and what to do about it
    """The solution was asked for, the problem is not solved yet, and nobody has confirmed."""


# --- hints and the solution ---


def make_hint_page(
    problem: Problem, history: History, *, place: Place, number: int | None = None
) -> Document:
    """Give the next hint, or the one of a number, as a page."""
    given = give_hint(problem, history, number=number)
    if given.unremembered:
        other = place.call("hint", problem.slug, number=2)
        notice = (
            f"which hints you have seen is not remembered: {given.unremembered}. `{other}` shows the second"
        )
        return _lay_out_hints(given, place).with_notices([notice])
    return _lay_out_hints(given, place).with_notices(history.notices)


def _lay_out_hints(given: HintsGiven, place: Place) -> Document:
    if not given.hints:
        return Document((Paragraph(f"{given.problem} has no hints."),))
    if given.is_repeated:
        head = f"{given.problem}: you have seen all {len(given.hints)} hints; here they are again"
        texts = (Paragraph(f"{hint.number}. {hint.text}") for hint in given.hints)
        return Document((Heading(head), *texts, Paragraph(_word_way_out(given.problem, place))))
    (hint,) = given.hints
    head = f"{given.problem}: hint {hint.number} of {hint.total}"
    return Document(
        (Heading(head), Paragraph(hint.text), Paragraph(_word_what_follows(given.problem, hint, place)))
    )


def _word_what_follows(problem: str, hint: Hint, place: Place) -> str:
    if hint.is_last:
        return f"This is the last one. {_word_way_out(problem, place)}"
    return f"`{place.call('hint', problem)}` gives the next one, which is plainer."


def _word_way_out(problem: str, place: Place) -> str:
    return f"`{place.call('solution', problem)}` shows the jury solution once you have solved it, or give up."


def make_solution_page(
    problem: Problem, history: History, *, place: Place, is_given_up: bool = False
) -> Document:
    """Show the jury solution as a page.

    StillOpen where the problem is not solved and the learner does not give it up.
    """
    notices: list[str] = []
    if not may_see_solution(problem, history):
        if not is_given_up:
            option = {"give_up": True} if place is Place.NOTEBOOK else {"yes": True}
            command = place.call("solution", problem.slug, **option)
            raise StillOpen(f"you have not solved {problem.slug} yet; {command} shows the solution")
        if reason := give_up(problem, history):
            notices.append(f"that you saw the solution is not remembered: {reason}")
    page = Document((Heading(f"{problem.slug}: the jury solution"), Code(problem.read_solution())))
    return page.with_notices([*notices, *history.notices])


# --- the standing ---


def make_status_page(standing: Standing, *, place: Place) -> Document:
    """Show where a learner stands as a page, what to do next at its end."""
    counts = ", ".join(f"{standing.count(state)} {state.value}" for state in State)
    rows = tuple(map(_make_row, standing.problems))
    topics = tuple((topic.topic, f"{topic.solved} of {topic.total}") for topic in standing.count_by_topic())
    return Document(
        (
            Heading(counts),
            Paragraph(_word_streak(standing.streak)),
            Grid(("", "problem", "title", "", "attempts", "best time"), rows),
            Grid(("topic", "solved"), topics),
            Paragraph(_word_next(standing.next, place)),
        )
    )


def _make_row(standing: ProblemStanding) -> tuple[str, ...]:
    problem, tally, state = standing.problem, standing.tally, standing.state
    attempts = str(tally.attempts) if tally else ""
    best = "" if tally is None or tally.best_seconds is None else f"{tally.best_seconds * 1e3:.0f} ms"
    return (MARKS[state], problem.slug, problem.title, state.value, attempts, best)


def _word_streak(streak: Streak) -> str:
    if not streak.longest:
        return "Your streak of days begins with your first attempt."
    days = f"{streak.days} day{'' if streak.days == 1 else 's'}"
    return f"Streak: {days} in a row, the longest was {streak.longest}."


def _word_next(problem: Problem | None, place: Place) -> str:
    if problem is None:
        return "Every problem is solved."
    begin = place.call("reset" if place is Place.NOTEBOOK else "start", problem.slug)
    name = f"{problem.slug}, {problem.title} ({problem.difficulty.value})"
    return f"Next: {name}. `{begin}` gives you its starter."


# --- the history of a problem ---


def make_history_page(
    problem: Problem, history: History, *, place: Place, most: int = ATTEMPTS_LISTED
) -> Document:
    """List the latest attempts at a problem as a page, the last one first."""
    listed = history.list_latest(name_bank(problem), problem.slug, most=most)
    return _list_attempts(problem, listed, place).with_notices(history.notices)


def _list_attempts(problem: Problem, listed: Sequence[Listed], place: Place) -> Document:
    if not listed:
        return Document((Paragraph(f"No attempt at {problem.slug} is kept."),))
    total = listed[0].number
    shown = f"{total} attempt{'' if total == 1 else 's'}"
    if total > len(listed):
        shown = f"the last {len(listed)} of {total} attempts"
    rows = tuple((str(entry.number), *_make_cells(entry.attempt)) for entry in listed)
    again = f"`{word_attempt_command(problem, total, place=place)}` shows that attempt's code."
    return Document(
        (
            Heading(f"{problem.slug}: {shown}"),
            Grid(("no.", "when", "verdict", "passed", "diagnosis", "seed", "from"), rows),
            Paragraph(again),
        )
    )


def word_attempt_command(problem: Problem, number: int, *, place: Place) -> str:
    """Write what a learner types to see an attempt's code."""
    return place.call("history", problem.slug, number)


def _make_cells(attempt: Attempt) -> Iterator[str]:
    yield _word_time(attempt)
    yield _word_verdict(attempt)
    yield f"{attempt.cases - len(attempt.failed)} of {attempt.cases}" if attempt.cases else ""
    yield attempt.diagnosis
    yield "" if attempt.seed is None else str(attempt.seed)
    source = attempt.source  # a path's end tells more than its beginning
    yield source if len(source) <= LONGEST_SOURCE else f"...{source[-LONGEST_SOURCE:]}"


def _word_time(attempt: Attempt) -> str:
    """Write an attempt's time as the learner's clock shows it here."""
    try:
        return datetime.fromtimestamp(attempt.at).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - the learner's own clock
    except (OverflowError, OSError, ValueError):  # not every system knows every year
        return attempt.day.isoformat()


def _word_verdict(attempt: Attempt) -> str:
    return attempt.verdict.value if attempt.verdict else "put aside, not judged"


def make_attempt_page(problem: Problem, history: History, number: int) -> Document:
    """Show one attempt with its code as a page."""
    attempt = find_attempt(problem, history, number)
    failed = (Paragraph(_word_failed(attempt.failed)),) if attempt.failed else ()
    head = f"{problem.slug}: attempt {number}, {_word_time(attempt)}, {_word_verdict(attempt)}"
    code = Code(attempt.code or "# its text was not to be had")
    return Document((Heading(head), *failed, code, Paragraph(_word_facts(attempt))))


def _word_facts(attempt: Attempt) -> str:
    seed = "" if attempt.seed is None else f", seed {attempt.seed}"
    versions = f"bank {attempt.bank_version}, judge {attempt.judge_version}"
    return f"{attempt.source}; {attempt.seconds:.2f} s in its cases{seed}; {versions}"


def _word_failed(failed: Sequence[str]) -> str:
    names = "; ".join(name.replace("_", " ") for name in failed[:FAILED_CASES_NAMED])
    more = len(failed) - FAILED_CASES_NAMED
    return f"Failed: {names}{f'; and {more} more' if more > 0 else ''}."
