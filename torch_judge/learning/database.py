"""The file of the history: SQLite that survives kills, full disks and damage.

Each operation opens the file, does its work in one transaction and closes it again. A lock file beside it is
held shared meanwhile, and exclusively while the file is made or, damaged, set aside: the system lets go of it
however a process ends.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from torch_judge.model.errors import ProgressError

from .attempt import Attempt
from .tables import (
    COACH,
    INSERT,
    SCHEMA,
    SELECT,
    SELECT_COACHING,
    TABLES,
    Unfit,
    keep_draft,
    list_drafts,
    make_row,
    read_row,
)

if sys.platform != "win32":
    import fcntl

HOME_VARIABLE: Final = "TORCH_JUDGE_HOME"
FILE: Final = "progress.sqlite3"
SECONDS_TO_WAIT = 20.0
"""For other processes that write."""
_APPLICATION = 0x746A7067
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")
_MISSING = ("no such table", "no such column")
_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_PERM": "it may not be written",
    "SQLITE_AUTH": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_BUSY": "other processes kept it busy for too long",
    "SQLITE_LOCKED": "other processes kept it busy for too long",
    "SQLITE_IOERR": "the disk is full, or fails",
}
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Database:
    """The file in a folder; without a folder, one that is empty and keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.notices: list[str] = []
        """What a person should be told, in sentences."""

    @property
    def is_on(self) -> bool:
        """Tell whether anything is kept at all."""
        return self._folder is not None

    @property
    def path(self) -> Path:
        """Return the file."""
        return (self._folder or Path()) / FILE

    def write(self, work: Work[T], *, begin: str = "BEGIN IMMEDIATE") -> T:
        """Do work that changes the file; what it changed is on the disk when this returns."""
        if self._folder is None:
            raise ProgressError(f"no progress is kept, since {HOME_VARIABLE} is set and empty")
        with self._word_errors("progress cannot be saved"):
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._run(work, begin)

    def read(self, work: Work[T]) -> T:
        """Do work that changes nothing; where there is no file, on empty tables in memory."""
        with self._word_errors("progress cannot be read"):
            if self._folder is None or not self.path.exists():
                with closing(sqlite3.connect(":memory:")) as nothing:
                    nothing.executescript(TABLES)
                    return work(nothing)
            try:
                return self._run(work, "BEGIN")
            except (sqlite3.OperationalError, OSError) as error:
                if _name(error) not in {"SQLITE_READONLY", "SQLITE_CANTOPEN", ""}:
                    raise
                # to read, SQLite writes beside the file, unless it is told that nobody changes it
                with closing(self._connect(f"{self.path.absolute().as_uri()}?immutable=1")) as unchanging:
                    self._inspect(unchanging)
                    return work(unchanging)

    def _run(self, work: Work[T], begin: str) -> T:
        """Do the work on the file; where it is new or damaged, mend it while no other process looks."""
        try:
            with self._lock(exclusive=False):
                return self._run_once(work, begin)
        except Unfit:
            # the shared lock is let go of first: held on, it would keep everybody from the exclusive one
            with self._lock(exclusive=True):
                return self._mend_and_run(work, begin)

    def _mend_and_run(self, work: Work[T], begin: str) -> T:
        try:
            self._make_tables()
            return self._run_once(work, begin)  # another process may have mended it while this one waited
        except Unfit:
            aside = self._set_aside()
            self._make_tables()
            saved = self._run_once(lambda connection: salvage(connection, aside), "BEGIN IMMEDIATE")
            self.notices.append(
                f"{self.path} is damaged: it was set aside as {aside.name}, and a new history begins "
                f"with the {saved} attempts that could still be read"
            )
            return self._run_once(work, begin)

    def _run_once(self, work: Work[T], begin: str) -> T:
        """Do the work in one transaction; raise Unfit where the file is new or damaged."""
        with _find_damage(), closing(self._connect(self.path.absolute().as_uri())) as connection:
            self._inspect(connection)
            connection.execute(begin)
            try:
                done = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            return done

    def _connect(self, address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, timeout=SECONDS_TO_WAIT, isolation_level=None, uri=True)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _inspect(self, connection: sqlite3.Connection) -> None:
        """Raise Unfit where the file is none of ours, ProgressError where it is of a newer version."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application == _APPLICATION and version > SCHEMA:
            raise ProgressError(
                f"{self.path} was written by a newer torch_judge (format {version}, this one knows "
                f"{SCHEMA}): upgrade torch-judge"
            )
        if application != _APPLICATION or version < 1:
            raise Unfit

    def _make_tables(self) -> None:
        """Make the tables in a file that is new; leave any other as it is."""
        with _find_damage(), closing(self._connect(self.path.absolute().as_uri())) as connection:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return
            connection.execute("PRAGMA journal_mode = WAL")
            mark = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {SCHEMA};"
            connection.executescript(f"BEGIN IMMEDIATE; {TABLES} {mark} COMMIT;")

    def _set_aside(self) -> Path:
        """Give the file and what belongs to it another name, one that is free."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        names = (f"damaged-{stamp}{f'-{n}' if n else ''}.sqlite3" for n in range(1 << 20))
        aside = next(path for path in map(self.path.with_name, names) if not path.exists())
        # the file goes last: what belongs to it, left behind, would be taken for what belongs to the new one
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                os.replace(f"{self.path}{ending}", f"{aside}{ending}")  # noqa: PTH105 - the ending belongs to no suffix
        return aside

    @contextmanager
    def _lock(self, *, exclusive: bool) -> Iterator[None]:
        """Hold the lock file where the system has locks and the folder can be written."""
        if sys.platform == "win32":
            yield
            return
        descriptor = -1
        with suppress(OSError):
            descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        try:
            yield
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    @contextmanager
    def _word_errors(self, what: str) -> Iterator[None]:
        """Make what SQLite and the system raise a sentence."""
        try:
            yield
        except Unfit as error:
            raise ProgressError(f"{what}: {self.path} holds no history and cannot be set aside") from error
        except sqlite3.Error as error:
            raise ProgressError(f"{what}: {self.path}: {_REASONS.get(_name(error), str(error))}") from error
        except OSError as error:
            raise ProgressError(
                f"{what}: {error.filename or self.path}: {error.strerror or error}"
            ) from error


def salvage(connection: sqlite3.Connection, aside: Path) -> int:
    """Copy what can still be read of a damaged file; return how many attempts."""
    before = connection.total_changes
    # a walk ends at the first damaged page: one from each end, and one along another index, go round it
    queries = (f"{SELECT} ORDER BY number", f"{SELECT} ORDER BY number DESC", f"{SELECT} ORDER BY id")
    with suppress(sqlite3.Error), closing(sqlite3.connect(aside.absolute().as_uri(), uri=True)) as damaged:
        for query in queries:
            for attempt in _read_what_can_be(damaged, query):
                connection.execute(INSERT, make_row(attempt))
        salvaged = connection.total_changes - before
        with suppress(sqlite3.Error):
            rows = damaged.execute(SELECT_COACHING).fetchall()
            connection.executemany(COACH, rows)
        with suppress(sqlite3.Error, Unfit):
            for draft in list_drafts(damaged):
                keep_draft(connection, draft)
        return salvaged
    return connection.total_changes - before


def _read_what_can_be(damaged: sqlite3.Connection, query: str) -> Iterator[Attempt]:
    with suppress(sqlite3.Error):
        for row in damaged.execute(query):
            with suppress(Unfit):
                yield read_row(row)


@contextmanager
def _find_damage() -> Iterator[None]:
    """Raise Unfit in the place of what SQLite raises at a damaged file."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _name(error) in _DAMAGED or str(error).startswith(_MISSING):
            raise Unfit from error
        raise


def _name(error: BaseException) -> str:
    """Read SQLite's name of an error, without its details; empty for any other."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return "_".join(name.split("_")[:2])
