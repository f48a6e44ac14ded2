"""What became of submissions: one's own, a learner's history, and what a class has done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from torch_judge.model.report import Report, Verdict

from .database import Database, Row
from .queue import Event, State

_ENTRY: Final = (
    "s.number, s.id, s.user_id, s.problem, s.state, s.asked_at, s.done_at, "
    "s.verdict, s.passed, s.cases, s.seed"
)
_STANDINGS: Final = """
    SELECT u.name, s.problem, COUNT(*),
        MAX(CASE WHEN s.verdict = 'accepted' THEN 1 ELSE 0 END), MAX(s.passed), MAX(s.cases), MAX(s.done_at)
    FROM users u JOIN submissions s ON s.user_id = u.id
    WHERE u.role = 'learner' AND s.state = 'done' AND s.verdict <> 'judge error'
    GROUP BY u.name, s.problem ORDER BY u.name, s.problem
"""

_ROUNDS: Final = """
    SELECT s.user_id, (
        SELECT COUNT(*) FROM submissions o
        WHERE o.user_id = s.user_id AND o.state = 'waiting' AND o.number < s.number
    ) FROM submissions s WHERE s.number = ? AND s.state = 'waiting'
"""
_TURNS: Final = """
    SELECT s.user_id, u.served_at, MIN(s.number), COUNT(*)
    FROM submissions s JOIN users u ON u.id = s.user_id
    WHERE s.state = 'waiting' GROUP BY s.user_id, u.served_at
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission and what became of it; times are in seconds since 1970."""

    number: int
    id: str
    user: int
    problem: str
    state: State
    asked_at: float
    done_at: float | None
    verdict: Verdict | None
    passed: int | None
    cases: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a learner is with a problem: attempts, and the most cases that one of them passed."""

    learner: str
    problem: str
    attempts: int
    is_solved: bool
    passed: int
    cases: int
    last_at: float


def group_by_learner(standings: Iterable[Standing]) -> dict[str, tuple[Standing, ...]]:
    """Group how far learners are, which lie together, by their names."""
    return {name: tuple(group) for name, group in groupby(standings, key=lambda one: one.learner)}


class Ledger:
    """What the database knows of submissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, identity: str) -> Entry | None:
        """Find a submission by its id."""
        with self._database.transaction() as transaction:
            row = transaction.find(f"SELECT {_ENTRY} FROM submissions s WHERE s.id = ?", identity)
        return _make_entry(row) if row else None

    def list_history(self, user: int, *, most: int, before: int | None = None) -> tuple[Entry, ...]:
        """List a user's submissions, the last one first, those `before` a number only."""
        with self._database.transaction() as transaction:
            rows = transaction.read(
                f"SELECT {_ENTRY} FROM submissions s WHERE s.user_id = ? AND s.number < ? "
                "ORDER BY s.number DESC LIMIT ?",
                *(user, before if before is not None else 2**62, most),
            )
        return tuple(map(_make_entry, rows))

    def read_submission(self, number: int) -> str:
        """Read what was submitted, as JSON."""
        with self._database.transaction() as transaction:
            row = transaction.find("SELECT submission FROM submissions WHERE number = ?", number)
        return str(row[0]) if row else ""

    def read_report(self, number: int) -> Report | None:
        """Read the report on a submission, if there is one."""
        with self._database.transaction() as transaction:
            row = transaction.find("SELECT report FROM reports WHERE number = ?", number)
        return Report.from_json(row[0]) if row else None

    def read_events(self, number: int, *, after: int) -> tuple[Event, ...]:
        """Read what happened to a submission after an event."""
        with self._database.transaction() as transaction:
            rows = transaction.read(
                "SELECT place, kind, facts FROM events WHERE number = ? AND place > ? ORDER BY place",
                *(number, after),
            )
        return tuple(Event(*row) for row in rows)

    def count_ahead(self, number: int) -> int | None:
        """Count the checks that come before one that waits, as turns go now; None where it does not wait.

        Each user has one in a round, whoever was served longest ago first: so somebody who asks for much is
        before others once a round, and not with all of it.
        """
        with self._database.transaction() as transaction:
            row = transaction.find(_ROUNDS, number)
            turns = {user: turn for user, *turn in transaction.read(_TURNS)}
        if row is None or row[0] not in turns:
            return None
        rounds = int(row[1])
        mine = turns.pop(row[0])
        others = (min(int(turn[2]), rounds + (turn[:2] < mine[:2])) for turn in turns.values())
        return rounds + sum(others)

    def list_standings(self) -> tuple[Standing, ...]:
        """List how far each learner is with each problem that they tried."""
        with self._database.transaction() as transaction:
            rows = transaction.read(_STANDINGS)
        return tuple(
            Standing(name, problem, count, bool(solved), passed or 0, cases or 0, last)
            for name, problem, count, solved, passed, cases, last in rows
        )


def _make_entry(row: Row) -> Entry:
    number, identity, user, problem, state, asked_at, done_at, verdict, passed, cases, seed = row
    said = Verdict(verdict) if verdict is not None else None
    return Entry(number, identity, user, problem, State(state), asked_at, done_at, said, passed, cases, seed)
