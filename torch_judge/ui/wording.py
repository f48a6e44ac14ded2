"""How sure a diagnosis is, in words that terminal and notebook share."""

from __future__ import annotations

from torch_judge.model.report import Certainty, Diagnosis, Report


def introduce_mistake(report: Report, diagnosis: Diagnosis) -> str:
    """Say how sure it is that a submission has a mistake; the mistake's name comes next."""
    match diagnosis.certainty:
        case Certainty.EXACTLY:
            return "Your code behaves exactly like one with this mistake"
        case Certainty.LIKELY:
            return "Most likely your code has this mistake"
        case Certainty.PARTLY:
            failed = sum(not case.passed for case in report.cases)
            alike = len(diagnosis.cases)
            return f"{alike} of your {failed} failed cases look exactly like this mistake, mend it first"


def introduce_mistakes(report: Report) -> str:
    """Say that a submission has several mistakes, which come next."""
    several = {2: "two", 3: "three"}.get(len(report.explanations), str(len(report.explanations)))
    return f"Most likely your code has {several} mistakes, which together explain what fails"
