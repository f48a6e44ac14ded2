"""What a page is told of a report: the card, a line for a screen reader, and what it has opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from torch_judge.judging.starter import is_untouched
from torch_judge.learning.attempt import name_bank
from torch_judge.learning.history import History, find_history, record
from torch_judge.model.errors import ProgressError, TorchJudgeError
from torch_judge.model.naming import spell
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import Submission
from torch_judge.ui.card import CheckStage, CheckState, as_card, as_progress
from torch_judge.ui.wording import conclude, introduce_mistake, introduce_mistakes

from .card_styles import move_styles
from .fragments import make_opened, name_state
from .rendering import render_part
from .tabs import Event

if TYPE_CHECKING:
    from torch_judge.judging.example import ExampleRun

LONGEST_SAID: Final = 300


@dataclass(frozen=True, slots=True)
class Reporter:
    """Keeps attempts, where that is wanted, and words what became of them."""

    keep: bool

    def word_report(self, problem: Problem, submission: Submission, report: Report) -> Event:
        """Keep a report, and make the event of it."""
        notice = record(problem, submission, report) if self.keep else ""
        is_kept = self.keep and not notice and not is_untouched(report)
        return make_report_event(
            problem, find_history(), report, is_kept=is_kept, notices=[notice] if notice else []
        )

    def word_example(self, problem: Problem, run: ExampleRun) -> Event:
        """Make the event of an example that was run."""
        html = render_part("example.html", problem=problem, run=run)
        says = "The example ran." if run.ran else f"The example did not run to its end: {run.verdict}."
        if run.raised:
            says += f" {one_line(run.raised, longest=LONGEST_SAID)}"
        return Event("example", {"html": html, "verdict": run.verdict, "say": says})

    def word_error(self, problem: Problem, error: Exception) -> Event:
        """Make the event of an error that is not the learner's, with why, as a sentence where it has one."""
        why = str(error) if isinstance(error, TorchJudgeError) else f"{type(error).__name__}: {error}"
        says = f"The judge could not go on: {one_line(why, longest=LONGEST_SAID)}"
        state = CheckState(problem.slug, f"{problem.slug}.py", stage=CheckStage.FAILED)
        return Event("broken", {"html": move_styles(as_progress(state, why=says)), "say": says})


def make_report_event(
    problem: Problem,
    history: History,
    report: Report,
    *,
    is_kept: bool,
    notices: Sequence[str] = (),
    stays: bool = False,
) -> Event:
    """Make the event of a report, of what the history knows now, and of what it opened."""
    number, state, said = None, None, list(notices)
    try:
        number = history.count(name_bank(problem), problem.slug) if is_kept else None
        state = name_state(problem, history)
    except ProgressError as error:  # the verdict stands
        said.append(str(error))
    return Event(
        "report",
        {
            "html": move_styles(as_card(report)),
            "verdict": report.verdict,
            "passed": report.passed,
            "say": word_verdict(report),
            "attempt": number,
            "state": state,
            "solved_html": make_opened(problem, history, stays=stays) if report.passed else "",
            "notices": said,
        },
    )


def word_verdict(report: Report) -> str:
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
