"""Two databases that are spoken to in the same words: SQLite in a file, and PostgreSQL by its URL.

The statements are those of both; places for values are written `?`. Plain drivers, and no layer over them:
there are thirty statements, and the embedded database needs nothing but the standard library.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from torch_judge.model.errors import UsageError

from .errors import StoreError

Row = tuple[Any, ...]
SECONDS_TO_WAIT: Final = 30
"""For another process that writes, or for a server that does not answer."""
POSTGRES: Final = ("postgresql://", "postgres://")
_ALONE: Final = 0x746A7067
"""The number of the lock under which PostgreSQL changes what several rows decide about."""


class Transaction:
    """Statements that hold together: all of them count, or none."""

    def __init__(self, connection: Any, *, mark: str, clock: str) -> None:
        self._connection, self._mark, self._clock = connection, mark, clock

    def run(self, statement: str, *values: object) -> int:
        """Run a statement and return how many rows it changed."""
        count: int = self._execute(statement, values).rowcount
        return count

    def read(self, statement: str, *values: object) -> list[Row]:
        """Run a statement and return its rows."""
        rows: list[Row] = self._execute(statement, values).fetchall()
        return rows

    def find(self, statement: str, *values: object) -> Row | None:
        """Run a statement and return its first row, if there is one."""
        row: Row | None = self._execute(statement, values).fetchone()
        return row

    def now(self) -> float:
        """Return the time, in seconds since 1970, by the one clock that all who share the database have."""
        if not self._clock:
            return time.time()
        row = self.find(self._clock)
        return float(row[0]) if row else 0.0

    def _execute(self, statement: str, values: Sequence[object]) -> Any:
        return self._connection.execute(statement.replace("?", self._mark), values)


class Database(ABC):
    """Where everything is kept; connections are lent to one thread at a time."""

    serial: str
    """The type of a key that counts up."""

    def __init__(self) -> None:
        self._idle: list[Any] = []
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self, *, alone: bool = False) -> Iterator[Transaction]:
        """Do what follows in one transaction, `alone` among all that ask to be. Raises StoreError."""
        connection = self._begin(alone=alone)
        try:
            yield self._make_transaction(connection)
            connection.execute("COMMIT")
        except self._errors() as error:
            self._drop(connection)
            raise StoreError(f"the store failed: {_word(error)}") from error
        except BaseException:
            try:
                connection.execute("ROLLBACK")
            except self._errors():
                self._drop(connection)
            else:
                self._give(connection)
            raise
        self._give(connection)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(*self._errors()):
                connection.close()

    def _begin(self, *, alone: bool) -> Any:
        while (connection := self._take()) is not None:
            try:
                self._start(connection, alone=alone)
            except self._errors():  # the server went away while nobody asked: another connection may do
                self._drop(connection)
            else:
                return connection
        try:
            connection = self._connect()
            self._start(connection, alone=alone)
        except self._errors() as error:
            raise StoreError(f"the store cannot be reached: {_word(error)}") from error
        return connection

    def _take(self) -> Any:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give(self, connection: Any) -> None:
        with self._lock:
            self._idle.append(connection)

    def _drop(self, connection: Any) -> None:
        with suppress(*self._errors()):
            connection.close()

    @abstractmethod
    def _connect(self) -> Any: ...

    @abstractmethod
    def _start(self, connection: Any, *, alone: bool) -> None: ...

    @abstractmethod
    def _make_transaction(self, connection: Any) -> Transaction: ...

    @abstractmethod
    def _errors(self) -> tuple[type[Exception], ...]: ...


class Sqlite(Database):
    """A file; in WAL, so that whoever reads waits for nobody."""

    serial = "INTEGER PRIMARY KEY AUTOINCREMENT"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror or error}") from None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=SECONDS_TO_WAIT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was answered for outlives a power cut too
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _start(self, connection: Any, *, alone: bool) -> None:
        connection.execute("BEGIN IMMEDIATE" if alone else "BEGIN")

    def _make_transaction(self, connection: Any) -> Transaction:
        return Transaction(connection, mark="?", clock="")

    def _errors(self) -> tuple[type[Exception], ...]:
        return (sqlite3.Error,)


class Postgres(Database):
    """A PostgreSQL server, for several front ends."""

    serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        try:
            self._psycopg: Any = importlib.import_module("psycopg")
        except ImportError:
            raise UsageError(
                'psycopg is not installed; pip install "torch-judge[postgres]>=2.0" brings it'
            ) from None

    def _connect(self) -> Any:
        return self._psycopg.connect(self._url, autocommit=True, connect_timeout=SECONDS_TO_WAIT)

    def _start(self, connection: Any, *, alone: bool) -> None:
        connection.execute("BEGIN")
        if alone:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ALONE,))

    def _make_transaction(self, connection: Any) -> Transaction:
        clock = "SELECT EXTRACT(EPOCH FROM clock_timestamp())::double precision"
        return Transaction(connection, mark="%s", clock=clock)

    def _errors(self) -> tuple[type[Exception], ...]:
        return (self._psycopg.Error,)


def open_database(place: str | Path) -> Database:
    """Open the database of a URL of PostgreSQL, or of a path to a file."""
    if isinstance(place, str) and "://" in place:
        if place.startswith(POSTGRES):
            return Postgres(place)
        scheme = place.partition("://")[0]
        raise UsageError(
            f"no database {scheme!r}: a URL begins with postgresql://, any other place is a file"
        )
    return Sqlite(Path(place))


def _word(error: Exception) -> str:
    """Say an error in one line; a driver's message may be several."""
    return " ".join(str(error).split()) or type(error).__name__
