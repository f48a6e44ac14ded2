"""Sessions: whoever showed their token once is known by a key of its own, of which only a hash is kept."""

from __future__ import annotations

import secrets
from typing import Final

from .database import Database
from .users import Role, User, hash_token

SECONDS_OF_A_SESSION: Final = 12 * 3600.0
MOST_SESSIONS: Final = 16
"""Of one user; beyond it the oldest ends."""


class Sessions:
    """Who is signed in, and under which name a front end keeps what it notes down for a user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user: User) -> str:
        """Begin a session of a user and return its key, which is not kept."""
        key = secrets.token_urlsafe(32)
        with self._database.transaction(alone=True) as transaction:
            now = transaction.now()
            transaction.run("DELETE FROM sessions WHERE until <= ?", now)
            transaction.run(
                "DELETE FROM sessions WHERE user_id = ? AND key_hash NOT IN "
                "(SELECT key_hash FROM sessions WHERE user_id = ? ORDER BY until DESC LIMIT ?)",
                *(user.id, user.id, MOST_SESSIONS - 1),
            )
            transaction.run(
                "INSERT INTO sessions (key_hash, user_id, until) VALUES (?, ?, ?)",
                *(hash_token(key), user.id, now + SECONDS_OF_A_SESSION),
            )
        return key

    def find(self, key: str) -> User | None:
        """Find whose session a key is of; None where it has ended."""
        with self._database.transaction() as transaction:
            row = transaction.find(
                "SELECT u.id, u.name, u.role FROM sessions s JOIN users u ON u.id = s.user_id "
                "WHERE s.key_hash = ? AND s.until > ?",
                *(hash_token(key), transaction.now()),
            )
        return User(row[0], row[1], Role(row[2])) if row else None

    def close(self, key: str) -> None:
        """End a session."""
        with self._database.transaction(alone=True) as transaction:
            transaction.run("DELETE FROM sessions WHERE key_hash = ?", hash_token(key))

    def name_folder(self, user: User) -> str:
        """Name the folder of a user, drawn once: no other user ever has it, of this store or of another."""
        with self._database.transaction() as transaction:
            row = transaction.find("SELECT name FROM folders WHERE user_id = ?", user.id)
        if row:
            return str(row[0])
        with self._database.transaction(alone=True) as transaction:
            transaction.run(
                "INSERT INTO folders (user_id, name) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING",
                *(user.id, secrets.token_hex(16)),
            )
            row = transaction.find("SELECT name FROM folders WHERE user_id = ?", user.id)
        return str(row[0]) if row else ""
