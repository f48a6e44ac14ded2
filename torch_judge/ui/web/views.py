"""What the pages show, made of the values of `learning`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from torch_judge.learning.attempt import Attempt, name_bank
from torch_judge.learning.draft import Draft
from torch_judge.learning.history import History
from torch_judge.learning.standing import ProblemStanding, Standing, State
from torch_judge.learning.workspace import compose_page_starter
from torch_judge.model.naming import spell
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

LONGEST_TO_COMPARE = 5000
"""Lines of a text; a longer one takes too long to compare."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of problems is narrowed to; empty words narrow nothing."""

    words: str = ""
    topic: str = ""
    difficulty: str = ""
    state: str = ""

    def holds(self, standing: ProblemStanding) -> bool:
        """Tell whether a problem is one that is wanted."""
        problem = standing.problem
        text = word_problem(problem)
        return (
            all(word in text for word in self.words.lower().split())
            and self.topic in {"", name_topic(problem)}
            and self.difficulty in {"", problem.difficulty.value}
            and self.state in {"", standing.state.value}
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The problems of a topic that are shown, and how many of all of it are solved."""

    topic: str
    shown: tuple[ProblemStanding, ...]
    solved: int
    total: int


def name_topic(problem: Problem) -> str:
    """Name the topic under which a problem is listed; in a flat bank, its first tag."""
    if problem.topic is not None:
        return problem.topic.words
    return problem.tags[0] if problem.tags else "problems"


def word_problem(problem: Problem) -> str:
    """Write what a search looks in, in small letters."""
    words = (str(problem.number), problem.slug, problem.title, problem.entry_point, name_topic(problem))
    return " ".join((*words, problem.framework.value, *problem.tags)).lower()


def group_by_topic(standing: Standing, wanted: Wanted) -> tuple[Group, ...]:
    """Group the problems that are wanted by topic, in the order in which topics come."""
    topics: dict[str, list[ProblemStanding]] = {}
    order = [counted.topic for counted in standing.count_by_topic()]
    for problem in standing.problems:
        topics.setdefault(name_topic(problem.problem), []).append(problem)
    ranked = sorted(topics, key=lambda topic: order.index(topic) if topic in order else len(order))
    groups = (
        Group(
            topic,
            tuple(problem for problem in topics[topic] if wanted.holds(problem)),
            sum(problem.state is State.SOLVED for problem in topics[topic]),
            len(topics[topic]),
        )
        for topic in ranked
    )
    return tuple(group for group in groups if group.shown)


@dataclass(frozen=True, slots=True)
class Writing:
    """What an editor shows: an answer, an example to run it on, and whose tab's they are."""

    text: str
    example: str
    is_own_example: bool
    """The example is the problem's, as it was given."""
    revision: int
    tab: str | None


def find_writing(problem: Problem, history: History, *, tab: str | None = None) -> Writing:
    """Find what a tab was writing, else what any tab wrote last, else the starter."""
    draft = history.find_draft(name_bank(problem), problem.slug, tab=tab)
    given = problem.read_debug()
    if draft is None:
        return Writing(compose_page_starter(problem), given, is_own_example=True, revision=0, tab=None)
    example = given if draft.example is None else draft.example
    return Writing(draft.text, example, draft.example is None, draft.revision, draft.tab)


def make_draft(problem: Problem, tab: str, text: str, example: str | None) -> Draft:
    """Make the draft of a tab; an example that is the problem's own is not kept."""
    own = example is None or example == problem.read_debug()
    return Draft(name_bank(problem), problem.slug, tab, text, None if own else example)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as a line of a table says it."""

    number: int
    problem: str
    when: str
    verdict: str
    is_accepted: bool
    passed: str
    mistake: str
    seed: str
    source: str


def list_attempts(problem: Problem, history: History, *, most: int) -> tuple[AttemptRow, ...]:
    """List the latest attempts at a problem, the last one first."""
    listed = history.list_latest(name_bank(problem), problem.slug, most=most)
    return tuple(make_row(entry.number, entry.attempt) for entry in listed)


def make_row(number: int, attempt: Attempt) -> AttemptRow:
    """Write an attempt as a line of a table."""
    return AttemptRow(
        number,
        attempt.problem,
        word_time(attempt),
        attempt.verdict.value if attempt.verdict else "put aside, not judged",
        attempt.verdict is Verdict.ACCEPTED,
        f"{attempt.cases - len(attempt.failed)} of {attempt.cases}" if attempt.cases else "",
        spell(attempt.diagnosis),
        "" if attempt.seed is None else str(attempt.seed),
        attempt.source,
    )


def word_time(attempt: Attempt) -> str:
    """Write an attempt's time as the learner's clock shows it here."""
    try:
        return datetime.fromtimestamp(attempt.at).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - the learner's own clock
    except (OverflowError, OSError, ValueError):  # not every system knows every year
        return attempt.day.isoformat()


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of two texts beside each other: in both, or in one of them."""

    kind: str
    """`same`, `removed` or `added`."""
    old: int | None
    new: int | None
    text: str

    @property
    def sign(self) -> str:
        """Return the sign that says what a colour says."""
        return {"removed": "-", "added": "+"}.get(self.kind, "")


def compare(old: str, new: str) -> tuple[DiffLine, ...] | None:
    """Compare two texts line by line; None where they are too long for it."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > LONGEST_TO_COMPARE:
        return None
    return tuple(_compare(before, after))


def _compare(before: Sequence[str], after: Sequence[str]) -> Iterator[DiffLine]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(range(first, last), range(start, end), strict=True)
            yield from (DiffLine("same", old + 1, new + 1, before[old]) for old, new in pairs)
        else:
            yield from (DiffLine("removed", old + 1, None, before[old]) for old in range(first, last))
            yield from (DiffLine("added", None, new + 1, after[new]) for new in range(start, end))


def list_recent(standing: Standing, history: History, *, most: int) -> tuple[AttemptRow, ...]:
    """List the latest attempts at all problems that were begun, the last one first."""
    begun = [known.problem for known in standing.problems if known.tally is not None]
    listed = [
        entry
        for problem in begun
        for entry in history.list_latest(name_bank(problem), problem.slug, most=most)
    ]
    latest = sorted(listed, key=lambda entry: entry.attempt.at, reverse=True)[:most]
    return tuple(make_row(entry.number, entry.attempt) for entry in latest)
