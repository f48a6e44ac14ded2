"""An attempt: a submission and what became of it, as the learner's history keeps it."""

from __future__ import annotations

import inspect
import linecache
import os
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from torch_judge.judging.starter import is_untouched
from torch_judge.model.bank import is_own_bank
from torch_judge.model.errors import BankError
from torch_judge.model.manifest import FILE as MANIFEST
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import LARGEST_IN_ALL, Submission
from torch_judge.model.version import __version__

from .fields import LONGEST_WORD, Slug, Word, read_fields

OWN_BANK = "torch_judge"
LONGEST_CODE = LARGEST_IN_ALL + (1 << 20)
MOST_FAILED = 10_000
LARGEST_SEED = 2**63 - 1
"""What SQLite holds; a larger one, which only a person can have chosen, is not kept."""
LATEST = 253_402_300_799.0
"""The end of the year 9999, the last that a calendar knows."""
_DECIDES = (
    MANIFEST,
    "statement.md",
    "starter.py",
    "cases.py",
    "solution.py",
    "submissions/signatures.json",
)

Identity = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z", description="a text like [0-9a-f]{32}")]
Code = Annotated[
    str, Meta(max_length=LONGEST_CODE, description=f"a text of at most {LONGEST_CODE} characters")
]
Seconds = Annotated[float, Meta(ge=0, le=LATEST, description=f"a number from 0 to {LATEST:g}")]
Count = Annotated[int, Meta(ge=0, le=MOST_FAILED, description=f"a whole number from 0 to {MOST_FAILED}")]
Names = Annotated[tuple[Word, ...], Meta(max_length=MOST_FAILED, description="a list of names")]
Day = Annotated[date, Meta(description="a date like 2026-11-21")]
Outcome = Annotated[Verdict | None, Meta(description=f"one of {', '.join(Verdict)}")]
Seed = Annotated[
    Annotated[int, Meta(ge=0, le=LARGEST_SEED)] | None,
    Meta(description=f"a whole number from 0 to {LARGEST_SEED}"),
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submission, when it was judged, and what became of it.

    `at` is in seconds since 1970, `day` the learner's own date, `seconds` what its cases took together.
    `verdict` is None for an answer that was put aside and never judged.
    """

    id: Identity
    bank: Word
    problem: Slug
    at: Seconds
    day: Day
    verdict: Outcome
    failed: Names
    cases: Count
    diagnosis: Word
    seed: Seed
    seconds: Seconds
    source: Word
    code: Code
    bank_version: Word
    judge_version: Word

    def to_fields(self) -> dict[str, Any]:
        """Name the fields as JSON has them."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields

    @classmethod
    def from_fields(cls, given: dict[str, Any]) -> Attempt:
        """Read what `to_fields` wrote; ProgressError names the field that is wrong, whoever wrote it."""
        return read_fields(cls, given, noun="an attempt")


def name_bank(problem: Problem) -> str:
    """Name a problem's bank as the history does: histories of different banks do not mix."""
    folder = problem.bank
    return OWN_BANK if is_own_bank(folder) else _cut(str(folder))


def is_attempt(submission: Submission, report: Report) -> bool:
    """Tell whether a check was a learner's attempt: neither of the untouched starter nor of a bank's file."""
    return not is_untouched(report) and not _is_of_a_package(Path(submission.name))


def _is_of_a_package(path: Path) -> bool:
    """Tell whether a file lies in a problem package: a sample, the jury solution, the starter."""
    try:
        return path.is_file() and any((folder / MANIFEST).is_file() for folder in path.resolve().parents)
    except (OSError, ValueError):  # a session's name need not be one that a file can have
        return False


def make_attempt(problem: Problem, submission: Submission, report: Report, *, value: Any = None) -> Attempt:
    """Make the attempt that was judged just now; `value` is the live object, if it was one."""
    return _make(
        problem,
        submission,
        code=read_code(submission, value),
        verdict=report.verdict,
        failed=tuple(_cut(case.name) for case in report.failed)[:MOST_FAILED],
        cases=len(report.cases),
        diagnosis=_cut(report.diagnosis.gotcha if report.diagnosis else ""),
        seed=report.seed if report.seed <= LARGEST_SEED else None,
        seconds=round(sum(case.seconds for case in report.cases), 6),
    )


def make_unjudged_attempt(problem: Problem, submission: Submission, code: str) -> Attempt:
    """Make the attempt of an answer that is put aside just now without being judged."""
    return _make(
        problem, submission, code=code, verdict=None, failed=(), cases=0, diagnosis="", seed=None, seconds=0.0
    )


def _make(problem: Problem, submission: Submission, **facts: Any) -> Attempt:
    return Attempt(
        id=os.urandom(16).hex(),
        bank=name_bank(problem),
        problem=problem.slug,
        at=min(max(time.time(), 0.0), LATEST),  # a clock may be set to anything
        day=find_today(),
        source=_cut(submission.name),
        bank_version=fingerprint(problem),
        judge_version=__version__,
        **facts,
    )


def find_today() -> date:
    """Find the learner's own date."""
    return date.fromtimestamp(time.time())  # noqa: DTZ012 - a streak counts the days of the learner's own calendar


def fingerprint(problem: Problem) -> str:
    """Sum up the files of a package that decide about a verdict."""
    import hashlib  # brings in OpenSSL, which takes longer than the rest

    digest = hashlib.sha256()
    for name in _DECIDES:
        try:
            text = problem.read(name)
        except BankError:  # the package need not have it, and if it must, the judge has said so
            text = ""
        digest.update(f"{name} {len(text)}\n{text}".encode("utf-8", "replace"))
    return digest.hexdigest()[:16]


def read_code(submission: Submission, value: Any = None) -> str:
    """Read a submission's text: its cells, and the modules beside it that it carries, each under its name.

    A live `value` of a script has no cells: its text is that of the file.
    """
    if not submission.cells and value is not None:
        return _cut(_read_file_of(value), LONGEST_CODE)
    if len(submission.cells) == 1 and not submission.modules:
        return _cut(submission.cells[0].source, LONGEST_CODE)
    modules = (
        (f"{name.replace('.', '/')}.py", module.source)
        for name, module in submission.modules.items()
        if module.source
    )
    parts = [*((cell.name, cell.source) for cell in submission.cells), *modules]
    return _cut("\n\n".join(f"# {one_line(name)}\n{source.rstrip()}" for name, source in parts), LONGEST_CODE)


def _read_file_of(value: Any) -> str:
    """Read the text of the file, or cell, in which an object is written; empty if that is not known."""
    try:
        plain = inspect.unwrap(value)
        if isinstance(plain, type):  # of a class in a cell only its methods know where it was written
            plain = next(filter(inspect.isfunction, vars(plain).values()), plain)
        return "".join(linecache.getlines(inspect.getsourcefile(plain) or ""))
    except Exception:  # whatever an object raises when it is looked at
        return ""


def _cut(text: str, longest: int = LONGEST_WORD) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")[:longest]
