"""What is said of a mistake and of the cases that failed, in words that terminal and notebook share."""

from __future__ import annotations

from typing import Final

from torch_judge.judging.starter import NOTHING_WRITTEN, is_untouched
from torch_judge.model.isolation import Level
from torch_judge.model.report import Certainty, Diagnosis, Report

SMALLEST_INPUT: Final = "Smallest failing input"


def conclude(report: Report) -> str:
    """Say what a report comes to: the verdict, or that nothing is written yet."""
    return NOTHING_WRITTEN if is_untouched(report) else report.verdict.value


def introduce_mistake(report: Report, diagnosis: Diagnosis) -> str:
    """Say how sure it is that a submission has a mistake; the mistake's name comes next."""
    match diagnosis.certainty:
        case Certainty.EXACTLY:
            return "Your code behaves exactly like one with this mistake"
        case Certainty.LIKELY:
            return "Most likely your code has this mistake"
        case Certainty.PARTLY:
            alike, failed = len(diagnosis.cases), len(report.failed)
            return f"{alike} of your {failed} failed cases look exactly like this mistake, mend it first"


def introduce_mistakes(report: Report) -> str:
    """Say that a submission has several mistakes, which come next."""
    several = {2: "two", 3: "three"}.get(len(report.explanations), str(len(report.explanations)))
    return f"Most likely your code has {several} mistakes, which together explain what fails"


def blame_prediction(report: Report) -> str:
    """Say that failures are no news: the mistakes that are named predict them."""
    return "as these mistakes predict" if report.explanations else "as this mistake predicts"


def name_missing_isolation(report: Report) -> tuple[str, ...]:
    """Name the layers that do not hold of those that every check asks for.

    A user of its own is not among these.
    """
    return tuple(layer for layer in report.isolation_missing if layer in Level.SANDBOX.layers)


def word_ahead(count: int) -> str:
    """Write how many checks are before one that waits."""
    if count == 0:
        return "yours is next"
    return "1 check is before yours" if count == 1 else f"{count} checks are before yours"
