"""The dashboard: what is solved, tried and open, by problem and by topic, and the streak of days; and the history of a problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from torch_judge.model.bank import Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.ui.document import Code, Document, Grid, Heading, Paragraph

from .attempt import OWN_BANK, Attempt, bank_of, today
from .hints import Place, next_problem
from .history import History, Standing

LISTED = 20
NAMED = 5
LONGEST_SOURCE = 40


class State(StrEnum):
    """How far a learner is with a problem."""

    SOLVED = "solved"
    TRIED = "tried"
    OPEN = "open"

    @property
    def mark(self) -> str:
        """Return a sign that tells the states apart without a colour."""
        return {State.SOLVED: "✓", State.TRIED: "-", State.OPEN: " "}[self]


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row on which something was tried: up to today or yesterday, and the most there ever were."""

    days: int
    longest: int


@dataclass(frozen=True, slots=True)
class Line:
    """A problem and where its learner stands."""

    problem: Problem
    standing: Standing | None

    @property
    def state(self) -> State:
        """Return how far the learner is."""
        if self.standing is None:
            return State.OPEN
        return State.SOLVED if self.standing.solved else State.TRIED


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Where a learner stands in a bank."""

    lines: tuple[Line, ...]
    streak: Streak
    next: Problem | None

    def count(self, state: State) -> int:
        """Return how many problems are in a state."""
        return sum(line.state is state for line in self.lines)

    def topics(self) -> tuple[tuple[str, int, int], ...]:
        """Return each topic with how many of its problems are solved, and how many it has."""
        names = dict.fromkeys(tag for line in self.lines for tag in line.problem.tags)
        by_topic = {name: [line.state for line in self.lines if name in line.problem.tags] for name in names}
        return tuple((name, states.count(State.SOLVED), len(states)) for name, states in by_topic.items())


def survey(bank: Bank, progress: History) -> Dashboard:
    """Return where the learner stands in a bank."""
    problems = bank.problems()
    name = bank_of(problems[0]) if problems else OWN_BANK
    standings = progress.standings(name)
    lines = tuple(Line(each, standings.get(each.slug)) for each in problems)
    return Dashboard(lines, streak_of(progress.days(name), today()), next_problem(problems, standings))


def streak_of(days: Sequence[str], on: date) -> Streak:
    """Return the streak on a day. Days after it, from a clock that went wrong, do not count."""
    dates = sorted({date.fromisoformat(each) for each in days if date.fromisoformat(each) <= on})
    longest = run = 0
    before: date | None = None
    for each in dates:
        run = run + 1 if before is not None and each - before == timedelta(days=1) else 1
        longest = max(longest, run)
        before = each
    alive = before is not None and on - before <= timedelta(days=1)
    return Streak(run if alive else 0, longest)


def dashboard_sheet(found: Dashboard, *, place: Place) -> Document:
    """Return a dashboard as a sheet."""
    counts = ", ".join(f"{found.count(state)} {state.value}" for state in State)
    topics = Grid(
        ("topic", "solved"), tuple((name, f"{solved} of {total}") for name, solved, total in found.topics())
    )
    problems = Grid(
        ("", "problem", "title", "", "attempts", "best time"), tuple(_row(line) for line in found.lines)
    )
    streak, following = (
        Paragraph(_streak_sentence(found.streak)),
        Paragraph(_next_sentence(found.next, place)),
    )
    return Document((Heading(counts), streak, problems, topics, following))


def _row(line: Line) -> tuple[str, ...]:
    attempts = str(line.standing.attempts) if line.standing else ""
    best = line.standing.best_seconds if line.standing else None
    time = "" if best is None else f"{best * 1e3:.0f} ms"
    return (line.state.mark, line.problem.slug, line.problem.title, line.state.value, attempts, time)


def _streak_sentence(streak: Streak) -> str:
    if not streak.longest:
        return "Your streak of days begins with your first attempt."
    days = f"{streak.days} day{'' if streak.days == 1 else 's'}"
    return f"Streak: {days} in a row, the longest was {streak.longest}."


def _next_sentence(problem: Problem | None, place: Place) -> str:
    if problem is None:
        return "Every problem is solved."
    begin = place.call("reset" if place is Place.NOTEBOOK else "start", problem.slug)
    return f"Next: {problem.slug}, {problem.title} ({problem.difficulty.value}). `{begin}` gives you its starter."


def history_sheet(problem: Problem, progress: History, *, place: Place, most: int = LISTED) -> Document:
    """Return the latest attempts at a problem as a sheet, the last one first."""
    bank = bank_of(problem)
    listed = progress.latest(bank, problem.slug, most=most)
    if not listed:
        return Document((Paragraph(f"No attempt at {problem.slug} is kept."),)).with_notices(progress.notices)
    total = listed[0].number
    rows = tuple((str(each.number), *_attempt_row(each.attempt)) for each in listed)
    shown = (
        f"the last {len(rows)} of {total} attempts"
        if total > len(rows)
        else f"{total} attempt{'' if total == 1 else 's'}"
    )
    grid = Grid(("no.", "when", "verdict", "passed", "diagnosis", "seed", "from"), rows)
    again = Paragraph(f"`{shows_again(place, problem, total)}` shows that attempt's code.")
    return Document((Heading(f"{problem.slug}: {shown}"), grid, again)).with_notices(progress.notices)


def shows_again(place: Place, problem: Problem, number: int) -> str:
    """Return what a learner types to see an attempt's code."""
    if place is Place.NOTEBOOK:
        return place.call("history", problem.slug).replace(")", f", {number})")
    return f"{place.call('history', problem.slug)} {number}"


def _attempt_row(attempt: Attempt) -> Iterator[str]:
    yield when(attempt)
    yield attempt.verdict.value if attempt.verdict else "put aside, not judged"
    yield f"{attempt.cases - len(attempt.failed)} of {attempt.cases}" if attempt.cases else ""
    yield attempt.diagnosis
    yield "" if attempt.seed is None else str(attempt.seed)
    yield (
        attempt.source if len(attempt.source) <= LONGEST_SOURCE else f"...{attempt.source[-LONGEST_SOURCE:]}"
    )


def when(attempt: Attempt) -> str:
    """Return an attempt's time as the learner's clock shows it here."""
    try:
        return datetime.fromtimestamp(attempt.at).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - the learner's own clock
    except (OverflowError, OSError, ValueError):  # not every system knows every year
        return attempt.day


def attempt_sheet(problem: Problem, progress: History, number: int) -> Document:
    """Return one attempt with its code as a sheet."""
    attempt = progress.find(bank_of(problem), problem.slug, number)
    if attempt is None:
        total = progress.count(bank_of(problem), problem.slug)
        raise UsageError(
            f"no attempt {number} at {problem.slug}; there are {f'1 to {total}' if total else 'none'}"
        )
    verdict = attempt.verdict.value if attempt.verdict else "put aside, not judged"
    failed = (Paragraph(_failed_sentence(attempt.failed)),) if attempt.failed else ()
    seed = "" if attempt.seed is None else f", seed {attempt.seed}"
    facts = f"{attempt.source}; {attempt.seconds:.2f} s in its cases{seed}; bank {attempt.bank_version}, judge {attempt.judge_version}"
    head = Heading(f"{problem.slug}: attempt {number}, {when(attempt)}, {verdict}")
    return Document((head, *failed, Code(attempt.code or "# its text was not to be had"), Paragraph(facts)))


def _failed_sentence(failed: Sequence[str]) -> str:
    more = f"; and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    return f"Failed: {'; '.join(name.replace('_', ' ') for name in failed[:NAMED])}{more}."
