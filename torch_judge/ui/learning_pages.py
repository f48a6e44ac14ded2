"""The pages of a learner's day, made of the values of `learning`.

Hints, the solution, the standing, the history of a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from torch_judge.learning.attempt import Attempt, name_bank
from torch_judge.learning.hints import HintsGiven, give_hint, give_up, may_see_solution
from torch_judge.learning.history import History, Listed, find_history
from torch_judge.learning.standing import (
    ProblemStanding,
    Solved,
    Standing,
    State,
    Streak,
    TopicStanding,
    find_attempt,
    find_solved,
)
from torch_judge.model.errors import BankError, ProgressError, UsageError
from torch_judge.model.naming import spell
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict

from .document import Code, Document, Grid, Heading, Paragraph, Tone

ATTEMPTS_LISTED = 20
FAILED_CASES_NAMED = 5
LONGEST_SOURCE = 40
STATUS_HEADINGS = ("", "no.", "problem", "title", "attempts", "best time")
MARKS = {State.SOLVED: "✓", State.TRIED: "-", State.OPEN: " "}
"""Signs that tell the states apart without a colour."""


KEYS = {"hint": "h", "solution": "s", "start": "n"}
"""What `torch-judge watch` has a key for."""


class Place(StrEnum):
    """Where a learner works, which decides how a command is written."""

    NOTEBOOK = "notebook"
    TERMINAL = "terminal"
    WATCH = "watch"
    """A terminal in which `torch-judge watch` runs: some commands are keys."""

    def call(self, command: str, *arguments: str | int, **options: object) -> str:
        """Write a command as a learner types it there; an option that is True is a flag in a terminal."""
        if self is Place.WATCH and command in KEYS and not options:
            return KEYS[command]
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
    if hint.fits:
        head += ", which fits what your last attempt did"
    return Document((Heading(head), Paragraph(hint.text), Paragraph(_word_what_follows(given, place))))


def _word_what_follows(given: HintsGiven, place: Place) -> str:
    if given.is_last:
        return f"This is the last one. {_word_way_out(given.problem, place)}"
    return f"`{place.call('hint', given.problem)}` gives the next one."


def _word_way_out(problem: str, place: Place) -> str:
    return f"`{place.call('solution', problem)}` shows the jury solution once you have solved it, or give up."


def make_solution_page(
    problem: Problem, history: History, *, place: Place, is_given_up: bool = False, with_others: bool = False
) -> Document:
    """Show the jury solution as a page, and the other right ways of the bank if they are wanted.

    StillOpen where the problem is not solved and the learner does not give it up.
    """
    notices: list[str] = []
    if not may_see_solution(problem, history):
        if not is_given_up:
            others = {"all": True} if with_others else {}
            option = {"give_up" if place is Place.NOTEBOOK else "yes": True, **others}
            command = place.call("solution", problem.slug, **option)
            raise StillOpen(f"you have not solved {problem.slug} yet; {command} shows the solution")
        if reason := give_up(problem, history):
            notices.append(f"that you saw the solution is not remembered: {reason}")
    samples = problem.samples(Verdict.ACCEPTED) if with_others else ()
    shown = [("the jury solution", problem.read_solution())]
    shown += [(f"another right way, {spell(sample.name)}", sample.read_text()) for sample in samples]
    blocks = (block for head, code in shown for block in (Heading(f"{problem.slug}: {head}"), Code(code)))
    page = Document(tuple(blocks))
    return page.with_notices([*notices, *history.notices])


def make_solved_page(problem: Problem, history: History, *, place: Place) -> Document | None:
    """Say what an accepted attempt has opened; None where no history tells."""
    try:
        solved = find_solved(problem, history)
    except (ProgressError, BankError):  # the verdict stands, whatever else is broken
        return None
    if solved is None:
        return None
    return Document(
        (
            Heading(word_solved(solved)),
            Paragraph(_word_ways(solved, place)),
            Paragraph(_word_next(solved.next, place)),
        )
    )


def list_solved(problem: Problem, report: Report, *, place: Place) -> tuple[str, ...]:
    """List in sentences what an accepted answer has opened; nothing for any other."""
    page = make_solved_page(problem, find_history(), place=place) if report.passed else None
    return tuple(block.text for block in page.blocks if not isinstance(block, Grid)) if page else ()


def word_solved(solved: Solved) -> str:
    """Say how a problem was solved, and how many are."""
    hints = "no hint" if not solved.hints else f"{solved.hints} hint{'' if solved.hints == 1 else 's'}"
    how = f"on attempt {solved.attempts}, with {hints}"
    begin = f"Solved {how}" if solved.is_first else f"Solved again; the first time was {how}"
    return f"{begin}. {solved.solved} of {solved.total} problems solved."


def _word_ways(solved: Solved, place: Place) -> str:
    slug = solved.problem.slug
    says = f"Compare it with the jury solution: `{place.call('solution', slug)}`."
    if solved.others:
        ways = f"{solved.others} other right way{'' if solved.others == 1 else 's'}"
        says += f" With {ways} besides: `{place.call('solution', slug, all=True)}`."
    return says


# --- the standing ---


def make_status_page(standing: Standing, *, place: Place) -> Document:
    """Show where a learner stands as a page: what was begun, by topic, and what to do next at its end."""
    counts = ", ".join(f"{standing.count(state)} {state.value}" for state in State)
    rows = [row for topic in standing.count_by_topic() for row in _list_rows(topic)]
    tones, cells = tuple(tone for tone, _ in rows), tuple(row for _, row in rows)
    return Document(
        (
            Heading(counts),
            Paragraph(word_streak(standing.streak)),
            Grid(STATUS_HEADINGS, cells, tones, yields=STATUS_HEADINGS.index("title")),
            Paragraph(_word_next(standing.next, place)),
        )
    )


def _list_rows(topic: TopicStanding) -> Iterator[tuple[Tone, tuple[str, ...]]]:
    solved = f"{topic.solved} of {topic.total} solved"
    yield Tone.TOPIC, ("", "", topic.topic, solved, "", "")
    for standing in topic.begun:
        yield Tone.DONE if standing.state is State.SOLVED else Tone.BEGUN, _make_row(standing)


def _make_row(standing: ProblemStanding) -> tuple[str, ...]:
    problem, tally = standing.problem, standing.tally
    attempts = str(tally.attempts) if tally else ""
    best = "" if tally is None or tally.best_seconds is None else f"{tally.best_seconds * 1e3:.0f} ms"
    return (MARKS[standing.state], str(problem.number), problem.slug, problem.title, attempts, best)


def word_streak(streak: Streak) -> str:
    """Say how many days in a row something was tried."""
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
    yield spell(attempt.diagnosis)
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
    names = "; ".join(spell(name) for name in failed[:FAILED_CASES_NAMED])
    more = len(failed) - FAILED_CASES_NAMED
    return f"Failed: {names}{f'; and {more} more' if more > 0 else ''}."
