"""What a page is told of a report: the card, a line for a screen reader, and what it has opened."""

from __future__ import annotations

from torch_judge.judging.starter import is_untouched
from torch_judge.learning.attempt import name_bank
from torch_judge.learning.history import find_history
from torch_judge.model.errors import ProgressError
from torch_judge.model.naming import spell
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.ui.card import as_card
from torch_judge.ui.wording import conclude, introduce_mistake, introduce_mistakes

from .card_styles import move_styles
from .fragments import make_opened, name_state
from .tabs import Event


def make_report_event(problem: Problem, report: Report, *, is_kept: bool, notice: str = "") -> Event:
    """Make the event of a report; where it should be kept and is not, `notice` says why."""
    history = find_history()
    number, state, notices = None, None, [notice] if notice else []
    try:
        if is_kept and not is_untouched(report):
            number = history.count(name_bank(problem), problem.slug) or None
        state = name_state(problem, history)
    except ProgressError as error:  # the verdict stands
        notices.append(str(error))
    return Event(
        "report",
        {
            "html": move_styles(as_card(report)),
            "verdict": report.verdict,
            "passed": report.passed,
            "say": word_report(report),
            "attempt": number,
            "state": state,
            "solved_html": make_opened(problem, history) if report.passed else "",
            "notices": notices,
        },
    )


def word_report(report: Report) -> str:
    """Word a report in a line, as a screen reader says it."""
    says = conclude(report)
    if report.cases:
        says += f": {report.n_passed} of {len(report.cases)} cases passed"
    if report.diagnosis is not None:
        says += f". {introduce_mistake(report, report.diagnosis)}: {spell(report.diagnosis.gotcha)}"
    elif report.explanations:
        names = " and ".join(spell(explanation.gotcha) for explanation in report.explanations)
        says += f". {introduce_mistakes(report)}: {names}"
    return f"{says}."
