"""Attempts and reports for tests, and a program that adds attempts to a history."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date

from torch_judge.learning.attempt import Attempt
from torch_judge.learning.history import History, find_history
from torch_judge.model.report import CaseResult, Report, Verdict


def an_attempt(**changes: object) -> Attempt:
    """Make an attempt with a new id; `changes` replaces fields."""
    attempt = Attempt(
        id=os.urandom(16).hex(),
        bank="torch_judge",
        problem="batchnorm",
        at=1_795_000_000.5,
        day=date(2026, 11, 18),
        verdict=Verdict.WRONG_ANSWER,
        failed=("first", "second"),
        cases=3,
        diagnosis="eps_missing",
        seed=2**32 - 1,
        seconds=0.25,
        source="batchnorm.py",
        code="def f():\n    return 'ü'\n",
        bank_version="0123456789abcdef",
        judge_version="1.0.0",
    )
    return replace(attempt, **changes)


def a_report(verdict: Verdict = Verdict.ACCEPTED, **changes: object) -> Report:
    """Make a report with a case that is accepted and one of this verdict; `changes` replaces fields."""
    cases = (CaseResult("a", "a", Verdict.ACCEPTED, seconds=0.25), CaseResult("b", "b", verdict, seconds=0.5))
    return replace(Report("double", "answer.py", verdict, 7, 3.0, cases, ()), **changes)


def list_attempts(history: History, problem: str = "batchnorm", bank: str = "torch_judge") -> list[Attempt]:
    """List all attempts at a problem, the first one first."""
    return [entry.attempt for entry in reversed(history.list_latest(bank, problem, most=1_000_000))]


def main(count: int, mark: str) -> None:
    """Add so many attempts, and print the id of each once it is reported as saved."""
    for number in range(count):
        attempt = an_attempt(code=f"# {mark} {number}")
        find_history().add(attempt)
        print(attempt.id, flush=True)  # noqa: T201 - this is what the tests read


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
