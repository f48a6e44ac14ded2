"""The queue: submissions with a state and a lease, so that a kill at any moment loses none and doubles none.

Whoever takes a submission holds a lease on it and prolongs that while it judges. When the lease has run out,
another one may take the submission, and what the first one still says of it is refused.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from torch_judge.model.report import Report

from .database import Database, Transaction
from .errors import TooManyError

SECONDS_OF_A_LEASE: Final = 15.0
MOST_ATTEMPTS: Final = 3
"""A submission under which the judge itself died so often is given back as a judge error."""
SECONDS_OF_A_RATE: Final = 60.0


class State(StrEnum):
    """How far a submission is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    """Its user wants no verdict on it any more: it is no attempt."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How much one user may ask for: so many in a minute, and so many that wait at a time."""

    per_minute: int = 20
    waiting: int = 10


RATE: Final = Rate()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user wants judged; `submission` is its JSON.

    Under a `repeat_key` that the user has sent before, it is the submission of that time: a client whose
    connection broke may ask again without asking twice.
    """

    problem: str
    submission: str
    seed: int
    repeat_key: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A submission that someone judges, and the lease under which they do."""

    number: int
    id: str
    problem: str
    submission: str
    seed: int
    attempts: int
    failures: int
    lease: str

    @property
    def is_exhausted(self) -> bool:
        """Tell whether the judge has died under it too often to try again."""
        return self.attempts > MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a submission; `facts` is JSON."""

    place: int
    kind: str
    facts: str


Happening = tuple[str, Any]
"""The kind of an event, and what it says."""

_OURS: Final = "number = ? AND lease = ? AND state = 'running' AND lease_until > ?"
_NEXT: Final = """
    SELECT s.number, s.id, s.problem, s.submission, s.seed, s.attempts, s.failures, s.user_id
    FROM submissions s JOIN users u ON u.id = s.user_id
    WHERE s.state = 'waiting' AND NOT EXISTS (
        SELECT 1 FROM submissions r WHERE r.user_id = s.user_id AND r.state = 'running'
    )
    ORDER BY u.served_at, s.number LIMIT 1
"""


class Queue:
    """The submissions that wait and run, in the database."""

    def __init__(self, database: Database, *, seconds_of_a_lease: float = SECONDS_OF_A_LEASE) -> None:
        self._database, self.seconds_of_a_lease = database, seconds_of_a_lease

    def add(self, user: int, asked: Asked, rate: Rate) -> str:
        """Add a submission and return its id; it is kept when this returns. Raises TooManyError."""
        with self._database.transaction(alone=True) as transaction:
            if asked.repeat_key is not None:
                known = "SELECT id FROM submissions WHERE user_id = ? AND repeat_key = ?"
                if row := transaction.find(known, user, asked.repeat_key):
                    return str(row[0])
            now = transaction.now()
            _refuse_too_many(transaction, user, rate, now)
            identity = secrets.token_hex(16)
            transaction.run(
                "INSERT INTO submissions "
                "(id, user_id, repeat_key, problem, submission, seed, state, asked_at) "
                "VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)",
                *(identity, user, asked.repeat_key, asked.problem, asked.submission, asked.seed, now),
            )
            return identity

    def take(self) -> Taken | None:
        """Take the submission whose turn it is, if one waits.

        A user has one check at a time, and whoever was served longest ago comes first.
        """
        with self._database.transaction(alone=True) as transaction:
            now = transaction.now()
            transaction.run(
                "UPDATE submissions SET state = 'waiting', lease = NULL, lease_until = NULL "
                "WHERE state = 'running' AND lease_until <= ?",
                now,
            )
            row = transaction.find(_NEXT)
            if row is None:
                return None
            number, identity, problem, submission, seed, attempts, failures, user = row
            lease = secrets.token_hex(16)
            taken = Taken(number, identity, problem, submission, seed, attempts + 1, failures, lease)
            transaction.run(
                "UPDATE submissions SET state = 'running', lease = ?, lease_until = ?, attempts = ? "
                "WHERE number = ?",
                *(taken.lease, now + self.seconds_of_a_lease, taken.attempts, taken.number),
            )
            transaction.run("UPDATE users SET served_at = ? WHERE id = ?", now, user)
            _add_events(transaction, taken.number, [("taken", {"attempt": taken.attempts})])
            return taken

    def prolong(self, taken: Taken) -> bool:
        """Prolong a lease; tell whether it still held."""
        with self._database.transaction(alone=True) as transaction:
            now = transaction.now()
            changed = transaction.run(
                f"UPDATE submissions SET lease_until = ? WHERE {_OURS}",
                *(now + self.seconds_of_a_lease, taken.number, taken.lease, now),
            )
        return bool(changed)

    def tell(self, taken: Taken, happenings: Sequence[Happening]) -> bool:
        """Keep what happened; tell whether the lease still held, without which nothing is kept."""
        with self._database.transaction(alone=True) as transaction:
            held = _holds(transaction, taken)
            if held:
                _add_events(transaction, taken.number, happenings)
        return held

    def finish(self, taken: Taken, report: Report, happenings: Sequence[Happening] = ()) -> bool:
        """Keep the report, once and for all; tell whether the lease still held, else nothing is kept."""
        with self._database.transaction(alone=True) as transaction:
            now = transaction.now()
            changed = transaction.run(
                "UPDATE submissions SET state = 'done', lease = NULL, lease_until = NULL, done_at = ?, "
                f"verdict = ?, passed = ?, cases = ? WHERE {_OURS}",
                *(now, report.verdict.value, report.n_passed, len(report.cases)),
                *(taken.number, taken.lease, now),
            )
            if changed:
                transaction.run(
                    "INSERT INTO reports (number, report) VALUES (?, ?)", taken.number, report.to_json()
                )
                _add_events(transaction, taken.number, [*happenings, ("report", {})])
        return bool(changed)

    def give_back(self, taken: Taken, *, failed: bool = False) -> bool:
        """Give a submission back, to be taken again; `failed` counts that the judge failed at it."""
        with self._database.transaction(alone=True) as transaction:
            changed = transaction.run(
                "UPDATE submissions SET state = 'waiting', lease = NULL, lease_until = NULL, "
                f"attempts = attempts - 1, failures = failures + ? WHERE {_OURS}",
                *(int(failed), taken.number, taken.lease, transaction.now()),
            )
        return bool(changed)

    def withdraw(self, user: int, identity: str) -> State | None:
        """Withdraw what a user submitted, once and for all; return its state then, None where there is none.

        What waits is never taken, and who judges it loses the lease. What has its report stays done.
        """
        with self._database.transaction(alone=True) as transaction:
            now = transaction.now()
            changed = transaction.run(
                "UPDATE submissions SET state = 'withdrawn', lease = NULL, lease_until = NULL, done_at = ? "
                "WHERE id = ? AND user_id = ? AND state IN ('waiting', 'running')",
                *(now, identity, user),
            )
            row = transaction.find(
                "SELECT number, state FROM submissions WHERE id = ? AND user_id = ?", identity, user
            )
            if row is not None and changed:
                _add_events(transaction, row[0], [("withdrawn", {})])
        return State(row[1]) if row is not None else None

    def list_leases(self) -> frozenset[str]:
        """List the leases under which something is judged, of which some may have run out."""
        with self._database.transaction() as transaction:
            rows = transaction.read("SELECT lease FROM submissions WHERE state = 'running'")
        return frozenset(str(lease) for (lease,) in rows)

    def count(self) -> dict[State, int]:
        """Count the submissions that wait and those that run."""
        with self._database.transaction() as transaction:
            rows = transaction.read(
                "SELECT state, COUNT(*) FROM submissions WHERE state IN ('waiting', 'running') GROUP BY state"
            )
        counted = {State(state): int(count) for state, count in rows}
        return {state: counted.get(state, 0) for state in (State.WAITING, State.RUNNING)}


def _refuse_too_many(transaction: Transaction, user: int, rate: Rate, now: float) -> None:
    since = now - SECONDS_OF_A_RATE
    recent = transaction.find(
        "SELECT COUNT(*), MIN(asked_at) FROM submissions WHERE user_id = ? AND asked_at > ?", user, since
    )
    if recent and recent[0] >= rate.per_minute:
        seconds = max(1, round(recent[1] - since))
        raise TooManyError(
            f"{rate.per_minute} submissions in a minute are the most; try again in {seconds} seconds", seconds
        )
    waiting = transaction.find(
        "SELECT COUNT(*) FROM submissions WHERE user_id = ? AND state = 'waiting'", user
    )
    if waiting and waiting[0] >= rate.waiting:
        raise TooManyError(f"{rate.waiting} of your submissions wait already; let them be judged first", 5)


def _holds(transaction: Transaction, taken: Taken) -> bool:
    """Tell whether a lease holds, and keep the row as it is until the transaction ends."""
    changed = transaction.run(
        f"UPDATE submissions SET lease = lease WHERE {_OURS}",
        *(taken.number, taken.lease, transaction.now()),
    )
    return bool(changed)


def _add_events(transaction: Transaction, number: int, happenings: Sequence[Happening]) -> None:
    row = transaction.find("SELECT COALESCE(MAX(place), 0) FROM events WHERE number = ?", number)
    last = int(row[0]) if row else 0
    for place, (kind, facts) in enumerate(happenings, last + 1):
        transaction.run(
            "INSERT INTO events (number, place, kind, facts) VALUES (?, ?, ?, ?)",
            *(number, place, kind, json.dumps(facts, allow_nan=False)),
        )
