"""An attempt: a submission and what became of it, as the learner's history keeps it."""

from __future__ import annotations

import inspect
import linecache
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from torch_judge.model.bank import is_own_bank
from torch_judge.model.errors import BankError, ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import LARGEST_IN_ALL, Submission
from torch_judge.model.version import __version__

OWN_BANK = "torch_judge"
LONGEST_CODE = LARGEST_IN_ALL + (1 << 20)
LONGEST_WORD = 4096
MOST_FAILED = 10_000
LARGEST_SEED = 2**63 - 1
"""What SQLite holds; a larger one, which only a person can have chosen, is not kept."""
LATEST = 253_402_300_799.0
"""The end of the year 9999, the last that a calendar knows."""
_DECIDES = (
    "problem.toml",
    "statement.md",
    "starter.py",
    "cases.py",
    "solution.py",
    "submissions/signatures.json",
)
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submission, when it was judged, and what became of it. `at` is in seconds since 1970, `day` the learner's own date.

    `verdict` is None for an answer that was put aside and never judged. `seconds` is what its cases took together.
    """

    id: str
    bank: str
    problem: str
    at: float
    day: str
    verdict: Verdict | None
    failed: tuple[str, ...]
    cases: int
    diagnosis: str
    seed: int | None
    seconds: float
    source: str
    code: str
    bank_version: str
    judge_version: str

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_fields(cls, given: Mapping[str, Any]) -> Attempt:
        """Return the attempt that `to_fields` wrote; ProgressError names the field that is none, whoever wrote it."""
        facts = _Facts(given)
        attempt = cls(
            id=facts.match("id", _ID),
            bank=facts.text("bank"),
            problem=facts.match("problem", _SLUG),
            at=facts.number("at", LATEST),
            day=facts.day("day"),
            verdict=facts.verdict("verdict"),
            failed=facts.names("failed"),
            cases=facts.whole("cases", MOST_FAILED),
            diagnosis=facts.text("diagnosis"),
            seed=None if given.get("seed") is None else facts.whole("seed", LARGEST_SEED),
            seconds=facts.number("seconds", LATEST),
            source=facts.text("source"),
            code=facts.text("code", longest=LONGEST_CODE),
            bank_version=facts.text("bank_version"),
            judge_version=facts.text("judge_version"),
        )
        if odd := given.keys() - {each.name for each in fields(cls)}:
            raise ProgressError(f"{min(odd)!r} is no field of an attempt")
        return attempt


class _Facts:
    """Fields that anybody may have written."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, key: str, *, longest: int = LONGEST_WORD) -> str:
        """Return a text that can be stored."""
        value = self._given.get(key)
        if not isinstance(value, str) or len(value) > longest or not _is_encodable(value):
            raise self._complaint(key, f"a text of at most {longest} characters")
        return value

    def match(self, key: str, pattern: re.Pattern[str]) -> str:
        """Return a text of a given form."""
        if not pattern.fullmatch(value := self.text(key)):
            raise self._complaint(key, f"a text like {pattern.pattern}")
        return value

    def number(self, key: str, largest: float) -> float:
        """Return a number from zero on."""
        value = self._given.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not (0 <= value <= largest):
            raise self._complaint(key, f"a number from 0 to {largest:g}")
        return float(value)

    def whole(self, key: str, largest: int) -> int:
        """Return a whole number from zero on."""
        value = self._given.get(key)
        if type(value) is not int or not 0 <= value <= largest:
            raise self._complaint(key, f"a whole number from 0 to {largest}")
        return value

    def day(self, key: str) -> str:
        """Return a date as it is written in ISO 8601."""
        value = self.text(key)
        try:
            if date.fromisoformat(value).isoformat() == value:
                return value
        except ValueError:
            pass
        raise self._complaint(key, "a date like 2026-11-21")

    def verdict(self, key: str) -> Verdict | None:
        """Return a verdict, or None."""
        value = self._given.get(key)
        if value is not None and value not in list(Verdict):
            raise self._complaint(key, f"one of {', '.join(Verdict)}")
        return None if value is None else Verdict(value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._given.get(key)
        if not isinstance(value, list | tuple) or len(value) > MOST_FAILED:
            raise self._complaint(key, "a list of names")
        return tuple(_Facts({key: each}).text(key) for each in value)

    def _complaint(self, key: str, expected: str) -> ProgressError:
        return ProgressError(
            f"{key}: expected {expected}, found {one_line(repr(self._given.get(key)), longest=80)}"
        )


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def bank_of(problem: Problem) -> str:
    """Return what a problem's bank is called in the history: histories of different banks do not mix."""
    folder = problem.bank
    return OWN_BANK if is_own_bank(folder) else _cut(str(folder))


def bank_version(problem: Problem) -> str:
    """Return a fingerprint of the files of a package that decide about a verdict."""
    import hashlib  # brings in OpenSSL, which takes longer than the rest

    found = hashlib.sha256()
    for name in _DECIDES:
        try:
            text = problem.read(name)
        except BankError:  # the package need not have it, and if it must, the judge has said so
            text = ""
        found.update(f"{name} {len(text)}\n{text}".encode("utf-8", "replace"))
    return found.hexdigest()[:16]


def code_of(submission: Submission, value: Any = None) -> str:
    """Return a submission's text: its cells, and the modules beside it that it carries, each under its name.

    A live `value` of a script has no cells: its text is that of the file.
    """
    if not submission.cells and value is not None:
        return _cut(_file_of(value), LONGEST_CODE)
    if len(submission.cells) == 1 and not submission.modules:
        return _cut(submission.cells[0].source, LONGEST_CODE)
    modules = (
        (f"{name.replace('.', '/')}.py", each.source)
        for name, each in submission.modules.items()
        if each.source
    )
    parts = [*((cell.name, cell.source) for cell in submission.cells), *modules]
    return _cut("\n\n".join(f"# {one_line(name)}\n{source.rstrip()}" for name, source in parts), LONGEST_CODE)


def _file_of(value: Any) -> str:
    """Return the text of the file in which an object is written; empty if that is not known."""
    try:
        return "".join(linecache.getlines(inspect.getsourcefile(inspect.unwrap(value)) or ""))
    except Exception:  # whatever an object raises when it is looked at
        return ""


def attempt_at(problem: Problem, submission: Submission, report: Report, *, value: Any = None) -> Attempt:
    """Return the attempt that was judged just now; `value` is the live object, if it was one."""
    return _now(
        problem,
        submission,
        code=code_of(submission, value),
        verdict=report.verdict,
        failed=tuple(_cut(case.name) for case in report.cases if not case.passed)[:MOST_FAILED],
        cases=len(report.cases),
        diagnosis=_cut(report.diagnosis.gotcha if report.diagnosis else ""),
        seed=report.seed if report.seed <= LARGEST_SEED else None,
        seconds=round(sum(case.seconds for case in report.cases), 6),
    )


def kept_answer(problem: Problem, submission: Submission, code: str) -> Attempt:
    """Return an answer that is put aside just now without being judged."""
    return _now(
        problem, submission, code=code, verdict=None, failed=(), cases=0, diagnosis="", seed=None, seconds=0.0
    )


def _now(problem: Problem, submission: Submission, **facts: Any) -> Attempt:
    now = min(max(time.time(), 0.0), LATEST)
    return Attempt(
        id=os.urandom(16).hex(),
        bank=bank_of(problem),
        problem=problem.slug,
        at=now,
        day=today().isoformat(),
        source=_cut(submission.name),
        bank_version=bank_version(problem),
        judge_version=__version__,
        **facts,
    )


def today() -> date:
    """Return the learner's own date."""
    return date.fromtimestamp(time.time())  # noqa: DTZ012 - a streak counts the days of the learner's own calendar


def _cut(text: str, longest: int = LONGEST_WORD) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")[:longest]
