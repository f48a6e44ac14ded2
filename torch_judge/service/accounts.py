"""The accounts of users, in the database."""

from __future__ import annotations

from torch_judge.model.errors import UsageError
from torch_judge.model.suggestion import suggest_near

from .database import Database, Row
from .users import Role, User, check_name, draw_token, hash_token

_SELECT = "SELECT id, name, role FROM users"


class Accounts:
    """Users, and the hashes of their tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, role: Role = Role.LEARNER) -> str:
        """Add a user and return their token, which is not kept. Raises UsageError."""
        check_name(name)
        token = draw_token()
        with self._database.transaction(alone=True) as transaction:
            if transaction.find(f"{_SELECT} WHERE name = ?", name):
                raise UsageError(f"there is a user {name!r} already")
            transaction.run(
                "INSERT INTO users (name, role, token_hash) VALUES (?, ?, ?)",
                name,
                role.value,
                hash_token(token),
            )
        return token

    def renew_token(self, name: str) -> str:
        """Give a user another token and return it; the one before no longer counts. Raises UsageError.

        Whoever is signed in by the one before is signed out.
        """
        token = draw_token()
        with self._database.transaction(alone=True) as transaction:
            transaction.run(
                "DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE name = ?)", name
            )
            changed = transaction.run(
                "UPDATE users SET token_hash = ? WHERE name = ?", hash_token(token), name
            )
        if not changed:
            raise self._say_missing(name)
        return token

    def remove(self, name: str) -> None:
        """Remove a user and all that they submitted. Raises UsageError."""
        with self._database.transaction(alone=True) as transaction:
            removed = transaction.run("DELETE FROM users WHERE name = ?", name)
        if not removed:
            raise self._say_missing(name)

    def list(self) -> tuple[User, ...]:
        """List the users, by name."""
        with self._database.transaction() as transaction:
            return tuple(map(_make_user, transaction.read(f"{_SELECT} ORDER BY name")))

    def list_learners(self) -> tuple[User, ...]:
        """List the users who are no teachers, by name."""
        return tuple(user for user in self.list() if not user.is_teacher)

    def find(self, token: str) -> User | None:
        """Find whose token this is."""
        with self._database.transaction() as transaction:
            row = transaction.find(f"{_SELECT} WHERE token_hash = ?", hash_token(token))
        return _make_user(row) if row else None

    def _say_missing(self, name: str) -> UsageError:
        return UsageError(f"no user {name!r}{suggest_near(name, [user.name for user in self.list()])}")


def _make_user(row: Row) -> User:
    return User(row[0], row[1], Role(row[2]))
