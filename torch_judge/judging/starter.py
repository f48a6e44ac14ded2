"""The starter as it was given: a submission in which nothing is written yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict

NOTHING_WRITTEN: Final = "nothing is written yet"
_RAISED: Final = NotImplementedError.__name__


def recognise_starter(problem: Problem, sources: Iterable[str], report: Report) -> Report:
    """Say in the place of every case that nothing is written yet, where that is so; the verdict stays.

    It is so where the last definition of the entry point in the submission's `sources` is the starter's, and
    the cases met what the starter raises and no other error. The text alone does not decide: what a name
    stands for may have changed since.
    """
    if not _met_the_starter(report) or not _ends_with_the_starter(problem, "\n".join(sources)):
        return report
    says = f"{NOTHING_WRITTEN}: {problem.entry_point} is still the starter, which raises {_RAISED}"
    return replace(
        report, message=says, cases=(), diagnosis=None, explanations=(), counterexample=None, flags=()
    )


def is_untouched(report: Report) -> bool:
    """Tell whether a report is on the starter as it was given."""
    return not report.cases and report.message.startswith(f"{NOTHING_WRITTEN}: ")


def _met_the_starter(report: Report) -> bool:
    errors = [case for case in report.cases if case.verdict is Verdict.RUN_TIME_ERROR]
    return (
        report.verdict is Verdict.RUN_TIME_ERROR
        and bool(errors)
        and all(case.message.startswith(_RAISED) for case in errors)
    )


def _ends_with_the_starter(problem: Problem, text: str) -> bool:
    """Tell whether the last definition of the entry point is the starter's, but for empty lines."""
    given = _find_last_definition(problem.entry_point, problem.read_starter())
    found = _find_last_definition(problem.entry_point, text)
    return bool(given) and found[: len(given)] == given


def _find_last_definition(name: str, text: str) -> list[str]:
    """Find the lines from the last definition of a name on, without the empty ones."""
    definition = re.compile(rf"(?:class|def) {re.escape(name)}\b")
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if definition.match(line)]
    return lines[starts[-1] :] if starts else []
