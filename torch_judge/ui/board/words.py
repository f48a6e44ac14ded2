"""What a user's page is told of how a check ended: no more than they may know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torch_judge.judging.starter import is_untouched
from torch_judge.learning.history import History
from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.reveals import FAILED
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import Submission
from torch_judge.service.errors import UNREACHED, StoreError
from torch_judge.ui.card import CheckStage, CheckState, as_progress
from torch_judge.ui.web.card_styles import move_styles
from torch_judge.ui.web.reports import LONGEST_SAID, Reporter, make_report_event
from torch_judge.ui.web.site import Terms
from torch_judge.ui.web.tabs import Event

from .records import Records

if TYPE_CHECKING:
    from torch_judge.judging.example import ExampleRun


@dataclass(frozen=True, slots=True)
class QueueWords:
    """Words what became of a user's submissions."""

    records: Records
    terms: Terms

    def word_report(self, problem: Problem, submission: Submission, report: Report) -> Event:  # noqa: ARG002 - as `Words` has it
        """Make the event of a report, which the store has already."""
        stays = not self.terms.shows_solution(problem)
        try:
            history, notices = self.records.find_history(), []
        except (ProgressError, StoreError):  # the verdict stands
            history, notices = History(None), ["Your history cannot be read just now; nothing of it is lost."]
        is_kept = not notices and not is_untouched(report)
        return make_report_event(problem, history, report, is_kept=is_kept, notices=notices, stays=stays)

    def word_example(self, problem: Problem, run: ExampleRun) -> Event:
        """Make the event of an example that was run; of what failed here it is said that it did."""
        told = _hide_ours(run)
        jury = None if told.jury is None else _hide_ours(told.jury)
        return Reporter(keep=False).word_example(problem, replace(told, jury=jury))

    def word_error(self, problem: Problem, error: Exception) -> Event:
        """Make the event of an error: what the user did is said, and of the server's own that it failed."""
        says = word_failure(error)
        says = f"{says[:1].upper()}{says[1:]}."
        state = CheckState(problem.slug, f"{problem.slug}.py", stage=CheckStage.FAILED)
        return Event("broken", {"html": move_styles(as_progress(state, why=says)), "say": says})


def _hide_ours(run: ExampleRun) -> ExampleRun:
    """Hide why the server itself failed: that may name a file, or a line of the jury's."""
    return replace(run, raised=FAILED) if run.verdict is Verdict.JUDGE_ERROR else run


def word_failure(error: Exception) -> str:
    """Word an error for someone whom the server's files are no business of."""
    if isinstance(error, UsageError):
        return one_line(str(error), longest=LONGEST_SAID)
    return UNREACHED if isinstance(error, (StoreError, ProgressError)) else FAILED
