"""The tables of the history, and how attempts and coaching lie in them."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from datetime import date

from torch_judge.model.errors import ProgressError

from .attempt import Attempt
from .coaching import Coaching
from .draft import Draft

SCHEMA = 1
HINTS_SHOWN = """
CREATE TABLE IF NOT EXISTS hints_shown (
    bank TEXT NOT NULL,
    problem TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (bank, problem, number)
)
"""
"""Which hints were shown; a history of an older release gets it with the next hint."""
DRAFTS = """
CREATE TABLE IF NOT EXISTS drafts (
    bank TEXT NOT NULL,
    problem TEXT NOT NULL,
    tab TEXT NOT NULL,
    revision INTEGER NOT NULL,
    text BLOB NOT NULL,
    example BLOB,
    PRIMARY KEY (bank, problem, tab)
)
"""
"""What is written in each tab of a browser; a history of an older release gets it with the first draft."""
TABLES = f"""
CREATE TABLE attempts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    bank TEXT NOT NULL,
    problem TEXT NOT NULL,
    at REAL NOT NULL,
    day TEXT NOT NULL,
    verdict TEXT,
    failed TEXT NOT NULL,
    cases INTEGER NOT NULL,
    diagnosis TEXT NOT NULL,
    seed INTEGER,
    seconds REAL NOT NULL,
    source TEXT NOT NULL,
    code BLOB NOT NULL,
    bank_version TEXT NOT NULL,
    judge_version TEXT NOT NULL
);
CREATE INDEX attempts_by_problem ON attempts (bank, problem, verdict, seconds);
CREATE INDEX attempts_by_day ON attempts (bank, day);
CREATE TABLE coaching (
    bank TEXT NOT NULL,
    problem TEXT NOT NULL,
    hints INTEGER NOT NULL,
    given_up INTEGER NOT NULL,
    PRIMARY KEY (bank, problem)
);
{HINTS_SHOWN};
{DRAFTS};
"""
COLUMNS = (
    "id, bank, problem, at, day, verdict, failed, cases, diagnosis, seed, seconds, source, code, "
    "bank_version, judge_version"
)
INSERT = f"INSERT OR IGNORE INTO attempts ({COLUMNS}) VALUES ({', '.join('?' * 15)})"  # noqa: S608 - our own words
SELECT = f"SELECT {COLUMNS} FROM attempts"  # noqa: S608 - our own words
COACH = """
INSERT INTO coaching VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET hints = max(hints, excluded.hints), given_up = max(given_up, excluded.given_up)
"""
SELECT_COACHING = "SELECT bank, problem, hints, given_up FROM coaching"
MOST_TABS = 32
"""Of so many tabs the drafts of a problem are remembered."""
Row = tuple[object, ...]


class Unfit(Exception):  # noqa: N818 - a state of the file, which is mended
    """The file is new, or holds no history that can be used."""


def make_row(attempt: Attempt) -> Row:
    """Make the row of an attempt, its values in the order of the columns."""
    fields = {
        **attempt.to_fields(),
        "failed": json.dumps(attempt.failed),
        "code": zlib.compress(attempt.code.encode("utf-8"), 6),
    }
    return tuple(fields[column] for column in COLUMNS.split(", "))


def read_row(row: Sequence[object]) -> Attempt:
    """Read the attempt of a row; raise Unfit where the row is damaged."""
    try:
        fields = dict(zip(COLUMNS.split(", "), row, strict=True))
        fields["failed"] = json.loads(str(fields["failed"]))
        code = fields["code"]
        fields["code"] = zlib.decompress(code).decode("utf-8") if isinstance(code, bytes) else None
        return Attempt.from_fields(fields)
    except (ProgressError, ValueError, zlib.error) as error:
        raise Unfit from error


def read_day(text: str) -> date:
    """Read a date of the learner's; raise Unfit where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unfit from error


def make_coaching_row(coaching: Coaching) -> Row:
    """Make the row of a coaching."""
    return (coaching.bank, coaching.problem, coaching.hints, int(coaching.given_up))


def read_coaching(connection: sqlite3.Connection) -> Iterator[Coaching]:
    """Read all coaching, in an order that is the same each time."""
    for bank, problem, hints, given_up in connection.execute(f"{SELECT_COACHING} ORDER BY bank, problem"):
        yield Coaching(bank, problem, hints, bool(given_up))


def find_coaching(connection: sqlite3.Connection, bank: str, problem: str) -> Coaching:
    """Find which help a problem's learner had; a problem of which nothing is known had none."""
    query = f"{SELECT_COACHING} WHERE bank = ? AND problem = ?"
    row = connection.execute(query, (bank, problem)).fetchone()
    return Coaching(bank, problem) if row is None else Coaching(bank, problem, row[2], bool(row[3]))


def take_hint(connection: sqlite3.Connection, bank: str, problem: str, order: Sequence[int]) -> int | None:
    """Keep the first hint of an order, which names all there are, that was not shown yet; return its number.

    None where all were shown.
    """
    connection.execute(HINTS_SHOWN)
    shown = find_shown(connection, bank, problem, order)
    number = next((number for number in order if number not in shown), None)
    if number is not None:
        shown.add(number)
    rows = [(bank, problem, number) for number in sorted(shown)]
    connection.executemany("INSERT OR IGNORE INTO hints_shown VALUES (?, ?, ?)", rows)
    connection.execute(COACH, make_coaching_row(Coaching(bank, problem, len(shown))))
    return number


def find_shown(connection: sqlite3.Connection, bank: str, problem: str, numbers: Sequence[int]) -> set[int]:
    """Find which of a problem's hints were shown; `numbers` names all there are.

    Of hints that an older release or another machine counted only the number is known: those were the first.
    """
    shown: set[int] = set()
    if has_table(connection, "hints_shown"):
        known = "SELECT number FROM hints_shown WHERE bank = ? AND problem = ?"
        shown = {row[0] for row in connection.execute(known, (bank, problem))}
    counted = find_coaching(connection, bank, problem).hints
    unknown = [number for number in sorted(numbers) if number not in shown]
    return shown | set(unknown[: max(counted - len(shown), 0)])


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Tell whether there is a table of a name: a history of an older release lacks some."""
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    return bool(connection.execute(query, (name,)).fetchone()[0])


def keep_draft(connection: sqlite3.Connection, draft: Draft) -> int:
    """Keep a draft in the place of what its tab had; return its revision, the highest of its problem.

    Of a problem's tabs only the latest ones are remembered.
    """
    connection.execute(DRAFTS)
    place = (draft.bank, draft.problem)
    newest = "SELECT coalesce(max(revision), 0) FROM drafts WHERE bank = ? AND problem = ?"
    revision = int(connection.execute(newest, place).fetchone()[0]) + 1
    example = None if draft.example is None else _pack(draft.example)
    row = (*place, draft.tab, revision, _pack(draft.text), example)
    connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?)", row)
    oldest = (
        "DELETE FROM drafts WHERE bank = ? AND problem = ? AND revision NOT IN "
        "(SELECT revision FROM drafts WHERE bank = ? AND problem = ? ORDER BY revision DESC LIMIT ?)"
    )
    connection.execute(oldest, (*place, *place, MOST_TABS))
    return revision


def find_draft(connection: sqlite3.Connection, bank: str, problem: str, tab: str | None) -> Draft | None:
    """Find the draft of a tab, else the newest one of the problem; None where there is none."""
    if not has_table(connection, "drafts"):
        return None
    query = (
        "SELECT bank, problem, tab, revision, text, example FROM drafts WHERE bank = ? AND problem = ? "
        "ORDER BY tab = ? DESC, revision DESC LIMIT 1"
    )
    row = connection.execute(query, (bank, problem, tab)).fetchone()
    return None if row is None else _read_draft(row)


def list_drafts(connection: sqlite3.Connection) -> Iterator[Draft]:
    """List all drafts that can be read, the oldest of each problem first."""
    for row in connection.execute(
        "SELECT bank, problem, tab, revision, text, example FROM drafts ORDER BY revision"
    ):
        yield _read_draft(row)


def _read_draft(row: Sequence[object]) -> Draft:
    bank, problem, tab, revision, text, example = row
    example_text = None if example is None else _unpack(example)
    return Draft(str(bank), str(problem), str(tab), _unpack(text), example_text, int(str(revision)))


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "backslashreplace"), 1)


def _unpack(packed: object) -> str:
    """Unpack a text; raise Unfit where it is damaged."""
    try:
        if not isinstance(packed, bytes):
            raise Unfit
        return zlib.decompress(packed).decode("utf-8")
    except (ValueError, zlib.error) as error:
        raise Unfit from error
