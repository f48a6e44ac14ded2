"""The learner's history: every attempt, what became of it, and the help they had."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from torch_judge.model.errors import BankError, ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sanitize import sanitize
from torch_judge.model.submission import Submission

from .attempt import Attempt, is_attempt, make_attempt
from .coaching import Coaching
from .database import HOME_VARIABLE, Database
from .draft import Draft
from .tables import (
    COACH,
    COLUMNS,
    INSERT,
    SELECT,
    find_coaching,
    find_draft,
    find_shown,
    keep_draft,
    make_coaching_row,
    make_row,
    read_coaching,
    read_day,
    read_row,
    take_hint,
)

T = TypeVar("T")
_GATHER = INSERT.replace("INSERT OR IGNORE INTO attempts", "INSERT INTO temp.incoming")
_TAKE_IN = (
    f"INSERT OR IGNORE INTO main.attempts ({COLUMNS}) SELECT {COLUMNS} FROM temp.incoming ORDER BY rowid"  # noqa: S608 - our own words
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the history says about one problem.

    `best_seconds` is the least that the cases of an accepted attempt took.
    """

    problem: str
    attempts: int
    accepted: int
    best_seconds: float | None

    @property
    def is_solved(self) -> bool:
        """Tell whether an attempt was accepted."""
        return self.accepted > 0


@dataclass(frozen=True, slots=True)
class Merged:
    """How many attempts a merge added, and how many were known before."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An attempt and its number among those at the same problem, from 1 on."""

    number: int
    attempt: Attempt


class History:
    """The history in a folder; without a folder, one that is empty and keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._database = Database(folder)

    @property
    def notices(self) -> list[str]:
        """Return what a person should be told, in sentences."""
        return self._database.notices

    @property
    def is_on(self) -> bool:
        """Tell whether a history is kept at all."""
        return self._database.is_on

    @property
    def path(self) -> Path:
        """Return the history's file."""
        return self._database.path

    # --- what is written ---

    def add(self, attempt: Attempt) -> None:
        """Add an attempt; it is on the disk when this returns."""
        self._database.write(lambda connection: connection.execute(INSERT, make_row(attempt)).rowcount)

    def merge(self, read: Callable[[], Iterator[Attempt | Coaching]]) -> Merged:
        """Add what `read` returns and is not there yet, all of it or nothing; `read` may be called again.

        It is gathered beside the history first, so that other processes wait for the last step only.
        """

        def work(connection: sqlite3.Connection) -> Merged:
            connection.execute(f"CREATE TEMP TABLE incoming ({COLUMNS})")
            seen, coaching = 0, []
            for entry in read():
                if isinstance(entry, Coaching):
                    coaching.append(make_coaching_row(entry))
                else:
                    connection.execute(_GATHER, make_row(entry))
                    seen += 1
            added = connection.execute(_TAKE_IN).rowcount
            connection.executemany(COACH, coaching)
            return Merged(added, seen - added)

        return self._database.write(work, begin="BEGIN")

    def take_hint(self, bank: str, problem: str, order: Sequence[int]) -> int | None:
        """Count the first hint of an order that was not shown yet as shown; return its number.

        None where all were shown.
        """
        return self._database.write(lambda connection: take_hint(connection, bank, problem, order))

    def give_up(self, bank: str, problem: str) -> None:
        """Keep that the solution was asked for before the problem was solved."""
        row = make_coaching_row(Coaching(bank, problem, given_up=True))
        self._database.write(lambda connection: connection.execute(COACH, row).rowcount)

    def keep_draft(self, draft: Draft) -> int:
        """Keep a draft in the place of what its tab had, and return its revision."""
        return self._database.write(lambda connection: keep_draft(connection, draft))

    # --- what is read ---

    def find_shown(self, bank: str, problem: str, numbers: Sequence[int]) -> set[int]:
        """Find which of a problem's hints were shown; `numbers` names all there are."""
        return self._database.read(lambda connection: find_shown(connection, bank, problem, numbers))

    def find_draft(self, bank: str, problem: str, *, tab: str | None = None) -> Draft | None:
        """Find the draft of a tab, else the newest one of any tab; None where there is none."""
        return self._database.read(lambda connection: find_draft(connection, bank, problem, tab))

    def count_until_solved(self, bank: str, problem: str) -> int | None:
        """Count the attempts up to the first one that was accepted; None where none was."""
        query = (
            "SELECT count(*) FROM attempts WHERE bank = ? AND problem = ? "
            "AND verdict IS NOT NULL AND verdict <> ? AND number <= "
            "(SELECT min(number) FROM attempts WHERE bank = ? AND problem = ? AND verdict = ?)"
        )
        values = (bank, problem, Verdict.JUDGE_ERROR.value, bank, problem, Verdict.ACCEPTED.value)
        count = self._database.read(lambda connection: connection.execute(query, values).fetchone()[0])
        return int(count) or None

    def tally(self, bank: str) -> dict[str, Tally]:
        """Tell what became of each problem of a bank that was tried.

        A judge error is no attempt of the learner's.
        """
        query = (
            "SELECT problem, count(*), sum(verdict = ?), min(CASE WHEN verdict = ? THEN seconds END) "
            "FROM attempts WHERE bank = ? AND verdict IS NOT NULL AND verdict <> ? GROUP BY problem"
        )
        values = (Verdict.ACCEPTED.value, Verdict.ACCEPTED.value, bank, Verdict.JUDGE_ERROR.value)
        return self._database.read(
            lambda connection: {row[0]: Tally(*row) for row in connection.execute(query, values)}
        )

    def list_days(self, bank: str) -> tuple[date, ...]:
        """List the dates on which something of a bank was tried, sorted."""
        query = "SELECT DISTINCT day FROM attempts WHERE bank = ? ORDER BY day"
        return self._database.read(
            lambda connection: tuple(read_day(row[0]) for row in connection.execute(query, (bank,)))
        )

    def find_coaching(self, bank: str, problem: str) -> Coaching:
        """Tell which help a problem's learner had."""
        return self._database.read(lambda connection: find_coaching(connection, bank, problem))

    def count(self, bank: str, problem: str) -> int:
        """Count the attempts at a problem that are kept."""
        query = "SELECT count(*) FROM attempts WHERE bank = ? AND problem = ?"
        return self._database.read(
            lambda connection: int(connection.execute(query, (bank, problem)).fetchone()[0])
        )

    def list_latest(self, bank: str, problem: str, *, most: int) -> tuple[Listed, ...]:
        """List the latest attempts at a problem, the last one first."""
        total = self.count(bank, problem)
        query = f"{SELECT} WHERE bank = ? AND problem = ? ORDER BY number DESC LIMIT ?"
        attempts = self._database.read(
            lambda connection: [read_row(row) for row in connection.execute(query, (bank, problem, most))]
        )
        return tuple(Listed(total - back, attempt) for back, attempt in enumerate(attempts))

    def find(self, bank: str, problem: str, number: int) -> Attempt | None:
        """Find the attempt of a number, if there is one."""
        if number < 1:
            return None
        query = f"{SELECT} WHERE bank = ? AND problem = ? ORDER BY number LIMIT 1 OFFSET ?"

        def work(connection: sqlite3.Connection) -> Attempt | None:
            row = connection.execute(query, (bank, problem, number - 1)).fetchone()
            return None if row is None else read_row(row)

        return self._database.read(work)

    def export(self, tell: Callable[[Iterator[Attempt], Iterator[Coaching]], T]) -> T:
        """Call `tell` with every attempt, in order, and all coaching, as they were at one moment."""

        def work(connection: sqlite3.Connection) -> T:
            attempts = map(read_row, connection.execute(f"{SELECT} ORDER BY number"))
            return tell(attempts, read_coaching(connection))

        return self._database.read(work)


def find_history(folder: str | Path | None = None) -> History:
    """Find the history in `folder`, else in $TORCH_JUDGE_HOME, else in the user's data folder.

    An empty $TORCH_JUDGE_HOME switches it off. Raises ProgressError for a user without a home.
    """
    return History(find_folder(folder))


def find_folder(folder: str | Path | None = None) -> Path | None:
    """Find the folder of a user's data: None where that is switched off. Raises ProgressError."""
    given = os.environ.get(HOME_VARIABLE) if folder is None else str(folder)
    try:
        if given is not None:
            return Path(given).expanduser().absolute() if given.strip() else None
        import platformdirs

        return Path(platformdirs.user_data_dir("torch_judge", appauthor=False))
    except RuntimeError:  # a container's user, of whom the system knows no more than a number
        raise ProgressError(
            f"this user has no home folder; set {HOME_VARIABLE} to a folder of yours"
        ) from None


def record(problem: Problem, submission: Submission, report: Report, *, value: Any = None) -> str:
    """Keep an attempt in the learner's history; return what to tell them, one sentence, or nothing.

    Whatever hinders it, the verdict stands. `value` is the live object, if the submission was one. The
    untouched starter is no attempt, nor is what a bank ships.
    """
    if not is_attempt(submission, report):
        return ""
    try:
        history = find_history()
        if not history.is_on:
            return ""
        history.add(make_attempt(problem, submission, report, value=value))
    except (ProgressError, BankError) as error:
        return word_warning(f"this attempt is not kept: {error}")
    return "\n".join(map(word_warning, history.notices))


def word_warning(sentence: str) -> str:
    """Word a warning as a person sees it, on one line."""
    return sanitize(f"torch_judge: {sentence}", longest=4096).replace("\n", " ")
