"""The tables of a service, and how they come to be."""

from __future__ import annotations

from typing import Final

from .database import Database
from .errors import StoreError

VERSION: Final = 2
UPGRADED: Final = frozenset({1})
"""Formats that this release takes over. To 1 a submission could not be withdrawn: its tables are the same,
but who knows that format only cannot read such a state, and is to refuse this one.
"""
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS users (
        id {serial},
        name TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        token_hash TEXT NOT NULL UNIQUE,
        served_at DOUBLE PRECISION NOT NULL DEFAULT 0
    )""",
    # what users write is JSON in ASCII: PostgreSQL's text has no NUL, and no encoding has half of a pair
    """CREATE TABLE IF NOT EXISTS submissions (
        number {serial},
        id TEXT NOT NULL UNIQUE,
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        repeat_key TEXT,
        problem TEXT NOT NULL,
        submission TEXT NOT NULL,
        seed BIGINT NOT NULL,
        state TEXT NOT NULL,
        asked_at DOUBLE PRECISION NOT NULL,
        done_at DOUBLE PRECISION,
        attempts INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        lease TEXT,
        lease_until DOUBLE PRECISION,
        verdict TEXT,
        passed INTEGER,
        cases INTEGER,
        UNIQUE (user_id, repeat_key)
    )""",
    "CREATE INDEX IF NOT EXISTS by_state ON submissions (state, user_id)",
    "CREATE INDEX IF NOT EXISTS by_user ON submissions (user_id, asked_at)",
    """CREATE TABLE IF NOT EXISTS reports (
        number BIGINT PRIMARY KEY REFERENCES submissions (number) ON DELETE CASCADE,
        report TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS events (
        number BIGINT NOT NULL REFERENCES submissions (number) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        kind TEXT NOT NULL,
        facts TEXT NOT NULL,
        PRIMARY KEY (number, place)
    )""",
    """CREATE TABLE IF NOT EXISTS sessions (
        key_hash TEXT PRIMARY KEY,
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        until DOUBLE PRECISION NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS folders (
        user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL UNIQUE
    )""",
)


def make_tables(database: Database) -> None:
    """Make the tables that are not there yet, and take over those of an earlier release.

    Raises StoreError where they are of another one.
    """
    with database.transaction(alone=True) as transaction:
        for table in _TABLES:
            transaction.run(table.replace("{serial}", database.serial))
        row = transaction.find("SELECT version FROM format")
        if row is None:
            transaction.run("INSERT INTO format (version) VALUES (?)", VERSION)
        elif row[0] in UPGRADED:
            transaction.run("UPDATE format SET version = ?", VERSION)
        elif row[0] != VERSION:
            raise StoreError(
                f"the store has the format {row[0]}, this release of torch-judge knows {VERSION}"
            )
