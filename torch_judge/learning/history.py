"""The learner's progress: a history of attempts in SQLite that survives kills, full disks and damaged files.

Each operation opens the file, does its work in one transaction and closes it again. A lock file beside it is held
shared meanwhile, and exclusively while the file is made or, damaged, set aside: the system lets go of it however a
process ends.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from torch_judge.model.errors import BankError, ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sanitize import sanitize
from torch_judge.model.submission import Submission

from .attempt import Attempt, attempt_at

if sys.platform != "win32":
    import fcntl

HOME_VARIABLE: Final = "TORCH_JUDGE_HOME"
FILE: Final = "progress.sqlite3"
SCHEMA: Final = 1
SECONDS_TO_WAIT = 20.0
"""For other processes that write."""
_APPLICATION = 0x746A7067
_TABLES = """
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
"""
_COLUMNS = "id, bank, problem, at, day, verdict, failed, cases, diagnosis, seed, seconds, source, code, bank_version, judge_version"
_INSERT = f"INSERT OR IGNORE INTO attempts ({_COLUMNS}) VALUES ({', '.join('?' * 15)})"  # noqa: S608 - our own words
_GATHER = _INSERT.replace("INSERT OR IGNORE INTO attempts", "INSERT INTO temp.incoming")
_TAKE_IN = (
    f"INSERT OR IGNORE INTO main.attempts ({_COLUMNS}) SELECT {_COLUMNS} FROM temp.incoming ORDER BY rowid"  # noqa: S608 - our own words
)
_SELECT = f"SELECT {_COLUMNS} FROM attempts"  # noqa: S608 - our own words
_COACH = """
INSERT INTO coaching VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET hints = max(hints, excluded.hints), given_up = max(given_up, excluded.given_up)
"""
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
Row = tuple[object, ...]
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the history says about one problem. `best_seconds` is the least that the cases of an accepted attempt took."""

    problem: str
    attempts: int
    accepted: int
    best_seconds: float | None

    @property
    def solved(self) -> bool:
        """Tell whether an attempt was accepted."""
        return self.accepted > 0


@dataclass(frozen=True, slots=True)
class Coaching:
    """How many hints of a problem were shown, and whether its solution was asked for before it was solved."""

    bank: str
    problem: str
    hints: int = 0
    given_up: bool = False


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


class _Unfit(Exception):  # noqa: N818 - a state of the file, which is mended
    """The file is new, or holds no history that can be used."""


class History:
    """The history in a folder; without a folder, one that is empty and keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.notices: list[str] = []
        """What a person should be told, in sentences."""

    @property
    def is_on(self) -> bool:
        """Tell whether a history is kept at all."""
        return self._folder is not None

    @property
    def path(self) -> Path:
        """Return the history's file."""
        return (self._folder or Path()) / FILE

    # --- what is written ---

    def add(self, attempt: Attempt) -> None:
        """Add an attempt; it is on the disk when this returns."""
        self._write(lambda connection: connection.execute(_INSERT, _row(attempt)).rowcount)

    def merge(self, read: Callable[[], Iterator[Attempt | Coaching]]) -> Merged:
        """Add what `read` returns and is not there yet, all of it or nothing; `read` may be called again.

        It is gathered beside the history first, so that other processes wait for the last step only.
        """

        def work(connection: sqlite3.Connection) -> Merged:
            connection.execute(f"CREATE TEMP TABLE incoming ({_COLUMNS})")
            seen, coaching = 0, []
            for each in read():
                if isinstance(each, Coaching):
                    coaching.append((each.bank, each.problem, each.hints, int(each.given_up)))
                else:
                    connection.execute(_GATHER, _row(each))
                    seen += 1
            added = connection.execute(_TAKE_IN).rowcount
            connection.executemany(_COACH, coaching)
            return Merged(added, seen - added)

        return self._write(work, begin="BEGIN")

    def take_hint(self, bank: str, problem: str, available: int) -> int:
        """Count one more hint as shown, of so many; return its number from 1 on, one past the last if there is none left."""

        def work(connection: sqlite3.Connection) -> int:
            number = min(_coaching(connection, bank, problem).hints + 1, available + 1)
            connection.execute(_COACH, (bank, problem, min(number, available), 0))
            return number

        return self._write(work)

    def give_up(self, bank: str, problem: str) -> None:
        """Keep that the solution was asked for before the problem was solved."""
        self._write(lambda connection: connection.execute(_COACH, (bank, problem, 0, 1)).rowcount)

    # --- what is read ---

    def standings(self, bank: str) -> dict[str, Standing]:
        """Return what became of each problem of a bank that was tried; a judge error is no attempt of the learner's."""
        query = (
            "SELECT problem, count(*), sum(verdict = ?), min(CASE WHEN verdict = ? THEN seconds END) FROM attempts "
            "WHERE bank = ? AND verdict IS NOT NULL AND verdict <> ? GROUP BY problem"
        )
        values = (Verdict.ACCEPTED.value, Verdict.ACCEPTED.value, bank, Verdict.JUDGE_ERROR.value)
        return self._read(
            lambda connection: {row[0]: Standing(*row) for row in connection.execute(query, values)}
        )

    def days(self, bank: str) -> tuple[str, ...]:
        """Return the dates on which something of a bank was tried, sorted."""
        query = "SELECT DISTINCT day FROM attempts WHERE bank = ? ORDER BY day"
        return self._read(lambda connection: tuple(row[0] for row in connection.execute(query, (bank,))))

    def coaching(self, bank: str, problem: str) -> Coaching:
        """Return which help a problem's learner had."""
        return self._read(lambda connection: _coaching(connection, bank, problem))

    def count(self, bank: str, problem: str) -> int:
        """Return how many attempts at a problem are kept."""
        query = "SELECT count(*) FROM attempts WHERE bank = ? AND problem = ?"
        return self._read(lambda connection: int(connection.execute(query, (bank, problem)).fetchone()[0]))

    def latest(self, bank: str, problem: str, *, most: int) -> tuple[Listed, ...]:
        """Return the latest attempts at a problem, the last one first."""
        total = self.count(bank, problem)
        query = f"{_SELECT} WHERE bank = ? AND problem = ? ORDER BY number DESC LIMIT ?"
        rows = self._read(lambda connection: connection.execute(query, (bank, problem, most)).fetchall())
        return tuple(Listed(total - back, _attempt(row)) for back, row in enumerate(rows))

    def find(self, bank: str, problem: str, number: int) -> Attempt | None:
        """Return the attempt of a number, if there is one."""
        query = f"{_SELECT} WHERE bank = ? AND problem = ? ORDER BY number LIMIT 1 OFFSET ?"
        row = (
            self._read(lambda connection: connection.execute(query, (bank, problem, number - 1)).fetchone())
            if number > 0
            else None
        )
        return None if row is None else _attempt(row)

    def each(self, tell: Callable[[Iterator[Attempt], Iterator[Coaching]], T]) -> T:
        """Call `tell` with every attempt, in order, and all coaching, as they were at one moment."""

        def work(connection: sqlite3.Connection) -> T:
            attempts = map(_attempt, connection.execute(f"{_SELECT} ORDER BY number"))
            rows = connection.execute(
                "SELECT bank, problem, hints, given_up FROM coaching ORDER BY bank, problem"
            )
            return tell(
                attempts,
                (Coaching(bank, problem, hints, bool(given_up)) for bank, problem, hints, given_up in rows),
            )

        return self._read(work)

    # --- the file ---

    def _write(self, work: Work[T], *, begin: str = "BEGIN IMMEDIATE") -> T:
        if self._folder is None:
            raise ProgressError(f"no progress is kept, since {HOME_VARIABLE} is set and empty")
        with self._told("progress cannot be saved"):
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._fit(work, begin)

    def _read(self, work: Work[T]) -> T:
        with self._told("progress cannot be read"):
            if self._folder is None or not self.path.exists():
                with closing(sqlite3.connect(":memory:")) as nothing:
                    nothing.executescript(_TABLES)
                    return work(nothing)
            try:
                return self._fit(work, "BEGIN")
            except (sqlite3.OperationalError, OSError) as error:
                if _name(error) not in {"SQLITE_READONLY", "SQLITE_CANTOPEN", ""}:
                    raise
                with closing(self._connect(f"{self.path.absolute().as_uri()}?immutable=1")) as unchanging:
                    self._inspect(unchanging)
                    return work(unchanging)

    def _fit(self, work: Work[T], begin: str) -> T:
        """Do the work on the file; where it is new or damaged, make it fit while no other process looks."""
        try:
            with self._lock(exclusive=False):
                return self._once(work, begin)
        except _Unfit:
            with self._lock(exclusive=True):
                return self._mended(work, begin)

    def _mended(self, work: Work[T], begin: str) -> T:
        try:
            self._make()
            return self._once(work, begin)
        except _Unfit:
            aside = self._set_aside()
            self._make()
            saved = self._once(lambda connection: _salvage(connection, aside), "BEGIN IMMEDIATE")
            self.notices.append(
                f"{self.path} is damaged: it was set aside as {aside.name}, and a new history begins with the {saved} attempts "
                "that could still be read"
            )
            return self._once(work, begin)

    def _once(self, work: Work[T], begin: str) -> T:
        """Do the work in one transaction; raise _Unfit where the file is new or damaged."""
        try:
            with closing(self._connect(self.path.absolute().as_uri())) as connection:
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
        except sqlite3.DatabaseError as error:
            if _is_damage(error):
                raise _Unfit from error
            raise

    def _connect(self, address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, timeout=SECONDS_TO_WAIT, isolation_level=None, uri=True)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _inspect(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application == _APPLICATION and version > SCHEMA:
            raise ProgressError(
                f"{self.path} was written by a newer torch_judge (format {version}, this one knows {SCHEMA}): upgrade torch-judge"
            )
        if application != _APPLICATION or version < 1:
            raise _Unfit

    def _make(self) -> None:
        """Make the tables in a file that is new; leave any other as it is."""
        try:
            with closing(self._connect(self.path.absolute().as_uri())) as connection:
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    return
                connection.execute("PRAGMA journal_mode = WAL")
                mark = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {SCHEMA};"
                connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} {mark} COMMIT;")
        except sqlite3.DatabaseError as error:
            if _is_damage(error):
                raise _Unfit from error
            raise

    def _set_aside(self) -> Path:
        """Give the file and what belongs to it another name, one that is free."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        names = (f"damaged-{stamp}{f'-{n}' if n else ''}.sqlite3" for n in range(1 << 20))
        aside = next(path for path in map(self.path.with_name, names) if not path.exists())
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
    def _told(self, what: str) -> Iterator[None]:
        """Make what SQLite and the system raise a sentence."""
        try:
            yield
        except _Unfit as error:
            raise ProgressError(f"{what}: {self.path} holds no history and cannot be set aside") from error
        except sqlite3.Error as error:
            raise ProgressError(f"{what}: {self.path}: {_REASONS.get(_name(error), str(error))}") from error
        except OSError as error:
            raise ProgressError(
                f"{what}: {error.filename or self.path}: {error.strerror or error}"
            ) from error


def find_progress(folder: str | Path | None = None) -> History:
    """Return the history in `folder`, else in $TORCH_JUDGE_HOME, which switches it off if empty, else in the user's data folder."""
    given = os.environ.get(HOME_VARIABLE) if folder is None else str(folder)
    if given is not None:
        return History(Path(given).expanduser().absolute() if given.strip() else None)
    import platformdirs

    return History(Path(platformdirs.user_data_dir("torch_judge", appauthor=False)))


def record(problem: Problem, submission: Submission, report: Report, *, value: Any = None) -> str:
    """Keep an attempt in the learner's history; return what to tell them, one sentence, or nothing.

    Whatever hinders it, the verdict stands. `value` is the live object, if the submission was one.
    """
    progress = find_progress()
    if not progress.is_on:
        return ""
    try:
        progress.add(attempt_at(problem, submission, report, value=value))
    except (ProgressError, BankError) as error:
        return warning(f"this attempt is not kept: {error}")
    return "\n".join(map(warning, progress.notices))


def warning(sentence: str) -> str:
    """Return a warning as a person sees it, on one line."""
    return sanitize(f"torch_judge: {sentence}", longest=4096).replace("\n", " ")


def _row(attempt: Attempt) -> Row:
    code = zlib.compress(attempt.code.encode("utf-8"), 6)
    verdict = None if attempt.verdict is None else attempt.verdict.value
    failed = json.dumps(attempt.failed)
    first = (
        attempt.id,
        attempt.bank,
        attempt.problem,
        attempt.at,
        attempt.day,
        verdict,
        failed,
        attempt.cases,
        attempt.diagnosis,
    )
    return (
        *first,
        attempt.seed,
        attempt.seconds,
        attempt.source,
        code,
        attempt.bank_version,
        attempt.judge_version,
    )


def _attempt(row: Sequence[object]) -> Attempt:
    """Return the attempt of a row; raises what SQLite does where the row is damaged."""
    try:
        fields = dict(zip(_COLUMNS.split(", "), row, strict=True))
        fields["failed"] = json.loads(str(fields["failed"]))
        fields["code"] = zlib.decompress(bytes(fields["code"])).decode("utf-8")  # type: ignore[call-overload]
        return Attempt.from_fields(fields)
    except (ProgressError, ValueError, TypeError, zlib.error) as error:
        raise _Unfit from error


def _coaching(connection: sqlite3.Connection, bank: str, problem: str) -> Coaching:
    query = "SELECT hints, given_up FROM coaching WHERE bank = ? AND problem = ?"
    row = connection.execute(query, (bank, problem)).fetchone()
    return Coaching(bank, problem) if row is None else Coaching(bank, problem, row[0], bool(row[1]))


def _salvage(connection: sqlite3.Connection, aside: Path) -> int:
    """Copy what can still be read from a damaged file, from its beginning and from its end; return how many attempts."""
    before = connection.total_changes
    queries = (f"{_SELECT} ORDER BY number", f"{_SELECT} ORDER BY number DESC", f"{_SELECT} ORDER BY id")
    with suppress(sqlite3.Error), closing(sqlite3.connect(aside.absolute().as_uri(), uri=True)) as damaged:
        for query in queries:
            for attempt in _readable(damaged, query):
                connection.execute(_INSERT, _row(attempt))
        salvaged = connection.total_changes - before
        with suppress(sqlite3.Error):
            rows = damaged.execute("SELECT bank, problem, hints, given_up FROM coaching").fetchall()
            connection.executemany(_COACH, rows)
        return salvaged
    return connection.total_changes - before


def _readable(damaged: sqlite3.Connection, query: str) -> Iterator[Attempt]:
    with suppress(sqlite3.Error):
        for row in damaged.execute(query):
            with suppress(_Unfit):
                yield _attempt(row)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return _name(error) in _DAMAGED or str(error).startswith(_MISSING)


def _name(error: BaseException) -> str:
    """Return SQLite's name for an error, without its details; empty for any other."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return "_".join(name.split("_")[:2])
