"""A round: one submission on its way through a suite under one seed; a worker runs it, a checker compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from torch_judge.model.report import CaseResult

from .checker_session import CheckerSession
from .results import Results
from .worker_session import Fault, WorkerSession

CASES_AHEAD: Final = 8
"""How many cases a worker is asked for ahead; a checker makes the jury's answers while it waits."""
LARGE_BODY: Final = 1 << 20
"""An observation with more bytes is compared at the submission's cost."""


def _do_nothing() -> None:
    """Have nothing else to do meanwhile."""


@dataclass(frozen=True, slots=True)
class Round:
    """The two sides and what comes of the cases; both work through what was asked ahead.

    `until_rejected` stops at the first case that fails.
    """

    worker: WorkerSession
    checker: CheckerSession
    results: Results
    seed: int
    until_rejected: bool = False

    def run(
        self,
        order: Sequence[CaseResult],
        *,
        on_begun: Callable[[], None] = _do_nothing,
        on_last_run: Callable[[], None] = _do_nothing,
    ) -> None:
        """Run the cases in this order and decide each.

        `on_begun` is called when the worker has been asked for the first ones and runs them, `on_last_run`
        when it has run all of them and one at most is left to decide.
        """
        # whoever stops at the first failure must not have run many cases more by then
        ahead = 1 if self.until_rejected else CASES_AHEAD
        comparing: CaseResult | None = None
        names, asked = [case.name for case in order], 0
        for number, case in enumerate(order):
            asked = self.worker.ask_ahead(names, number, asked, ahead=ahead, seed=self.seed)
            if number == 0:
                on_begun()
            comparing = self._run(case, comparing)
            if self.until_rejected and not self.results.all_passed:
                break
        on_last_run()
        self._decide(comparing)  # so that the checker stays in step

    def _run(self, case: CaseResult, before: CaseResult | None) -> CaseResult | None:
        """Run one case, have what came of it compared, and decide the one before, of which that is done.

        Return what is left to be decided: nothing of a fault, nor of a large observation, which costs the
        submission its time.
        """
        run = self.worker.run(case.name, seed=self.seed)
        result = self.results.note(case, run)
        if isinstance(run.outcome, Fault):
            self._decide(before)  # cases are told in the order in which they ran
            self.results.fail(result, run.outcome)
            return None
        if len(run.outcome.body) > LARGE_BODY:
            self._decide(before)  # the submission pays for its own, not for those before
            with self.worker.budget.charge():
                self.checker.compare(run.outcome, seed=self.seed)
                self._decide(result)
            return None
        self.checker.compare(run.outcome, seed=self.seed)
        self._decide(before)  # whoever watches hears of each as soon as may be
        return result

    def _decide(self, compared: CaseResult | None) -> None:
        """Receive what the checker says of a case, if there is one."""
        if compared is not None:
            self.results.decide(compared, self.checker.decide(compared.name))
