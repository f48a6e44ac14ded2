"""What a failed check reveals of a hidden suite, and reports that say no more than that.

Titles, messages, counterexamples and what a submission prints tell of the suite bit by bit. Where the suite
is to stay hidden, a report says less: cases have numbers, and nothing is repeated that the submission or the
checker wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from .report import CaseResult, Report, Verdict

FAILED: Final = "the judge failed; it is not your fault"
SAYS_NOTHING: Final = "what stopped it is not shown here: run your code yourself"


class Reveals(StrEnum):
    """How much a report says, from least to most."""

    VERDICTS = "verdicts"
    """The verdict of each case, by its number."""
    DIAGNOSIS = "diagnosis"
    """The mistake by name and in words, besides."""
    EVERYTHING = "everything"

    def limit(self, other: Reveals) -> Reveals:
        """Return the less of two."""
        order = list(Reveals)
        return min(self, other, key=order.index)


def reduce_case(case: CaseResult, number: int, reveals: Reveals) -> CaseResult:
    """Return a case's result as it may be told; `number` is its place in the suite, from 1 on."""
    if reveals is Reveals.EVERYTHING:
        return case
    name = _name_case(number)
    return CaseResult(name, name, case.verdict)


def reduce_report(report: Report, reveals: Reveals) -> Report:
    """Return a report as it may be told."""
    if reveals is Reveals.EVERYTHING:
        return report
    names = {case.name: _name_case(number) for number, case in enumerate(report.cases, 1)}
    reduced = replace(
        report,
        cases=tuple(reduce_case(case, number, reveals) for number, case in enumerate(report.cases, 1)),
        message=_reduce_message(report),
        elapsed_seconds=round(report.elapsed_seconds, 1),  # what sleeps may tell is told in few letters
        diagnosis=None,
        explanations=(),
        counterexample=None,
        flags=(),
        notes=(),
    )
    return _add_diagnosis(reduced, report, names) if reveals is Reveals.DIAGNOSIS else reduced


def _name_case(number: int) -> str:
    return f"case {number}"


def _reduce_message(report: Report) -> str:
    """Keep what the judge says of itself; a submission that has begun may write what it has read."""
    if report.verdict is Verdict.JUDGE_ERROR:
        return FAILED if report.message else ""
    return SAYS_NOTHING if report.message and not report.cases else ""


def _add_diagnosis(reduced: Report, report: Report, names: Mapping[str, str]) -> Report:
    """Add the bank's own words about the mistake, with numbers for the cases."""
    diagnosis = report.diagnosis
    return replace(
        reduced,
        diagnosis=diagnosis and replace(diagnosis, cases=_rename(diagnosis.cases, names)),
        explanations=tuple(replace(one, cases=_rename(one.cases, names)) for one in report.explanations),
        cases=tuple(
            replace(told, predicted=case.predicted)
            for told, case in zip(reduced.cases, report.cases, strict=True)
        ),
    )


def _rename(cases: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names[case] for case in cases if case in names)
