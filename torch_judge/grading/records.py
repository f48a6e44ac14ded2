"""The records of a run: a line of JSON for each answer, appended as it is judged, and read again to go on."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Final

from torch_judge.model.errors import UsageError
from torch_judge.model.report import Report

from .answers import Key

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What came of one answer. `passed` is None where the judge failed: that says nothing of the answer."""

    task_id: str
    sample_id: str
    passed: bool | None
    verdict: str
    score: float | None
    """The share of cases that passed."""
    cases: Mapping[str, str] = field(default_factory=dict)
    diagnosis: tuple[str, ...] = ()
    message: str = ""
    flags: tuple[str, ...] = ()
    seed: int = 0
    run_seed: int = 0
    """What `--seed` said; `seed` comes from it, the task and the code."""
    extracted: str = ""
    code_sha256: str = ""
    """Of the code that was judged, without what was written around it."""
    isolation: tuple[str, ...] = ()
    isolation_missing: tuple[str, ...] = ()
    seconds: float = 0.0
    bank_version: str = ""
    judge_version: str = ""
    report: Report | None = None
    """What its writer is shown; kept only where somebody is."""

    @property
    def key(self) -> Key:
        """The key of its code."""
        return self.task_id, self.sample_id, self.code_sha256

    def to_json(self) -> str:
        """Write it as one line, in ASCII."""
        fields = asdict(self)
        if self.report is None:
            del fields["report"]
        return json.dumps({"schema": SCHEMA, **fields}, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Record:
        """Read what `to_json` wrote. Raises ValueError, which says what is wrong."""
        import msgspec

        fields = json.loads(line)
        if not isinstance(fields, dict) or fields.pop("schema", None) != SCHEMA:
            raise ValueError(f"is no record of schema {SCHEMA}")
        try:
            return msgspec.convert(fields, cls)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """A file of records that one run at a time appends to."""

    path: Path
    stream: IO[bytes] = field(repr=False)

    def read(self) -> Iterator[Record]:
        """Read the records that are there. Raises UsageError for a line that is none."""
        self.stream.seek(0)
        for number, line in enumerate(self.stream, 1):
            try:
                yield Record.from_json(line.decode())
            except ValueError as error:
                raise UsageError(f"{self.path}, line {number}: {error}") from None

    def append(self, record: Record) -> None:
        """Add a record, in one write."""
        self.stream.write(f"{record.to_json()}\n".encode())
        self.stream.flush()


@contextmanager
def open_results(path: Path, *, resume: bool) -> Iterator[ResultsFile]:
    """Open a file of records, and keep other runs away until this one ends, however it ends.

    What is written is whole lines. A last line that was torn, by a kill or a full disk, is cut off before
    anything is added: an append behind it would swallow a record.
    """
    try:
        stream = path.open("a+b")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    with stream:
        _lock(stream, path)
        if resume:
            _cut_torn_line(stream)
        elif stream.seek(0, os.SEEK_END):
            said = "there are results in it already; --resume goes on with them, or name another file"
            raise UsageError(f"{path}: {said}")
        yield ResultsFile(path, stream)


def _lock(stream: IO[bytes], path: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"{path}: another run is writing to it") from None
    except OSError:
        pass  # a file system that knows no locks


def _cut_torn_line(stream: IO[bytes]) -> None:
    stream.seek(0)
    raw = stream.read()
    whole = raw.rfind(b"\n") + 1
    if whole < len(raw):
        stream.truncate(whole)
    stream.seek(0, os.SEEK_END)
