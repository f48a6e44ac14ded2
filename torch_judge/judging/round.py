"""A round: one submission on its way through a suite under one seed; a worker runs it, a checker compares."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
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

    def run(self, order: Sequence[CaseResult], *, on_last_run: Callable[[], None] | None = None) -> None:
        """Run the cases in this order and decide each.

        `on_last_run` is called when the worker has run all of them and one at most is left to decide.
        """
        # whoever stops at the first failure must not have run many cases more by then
        ahead = 1 if self.until_rejected else CASES_AHEAD
        comparing: deque[CaseResult] = deque()
        names, asked = [case.name for case in order], 0
        for number, case in enumerate(order):
            asked = self.worker.ask_ahead(names, number, asked, ahead=ahead, seed=self.seed)
            self._run(case, comparing)
            self._decide(comparing, left=1)  # whoever watches hears of each as soon as may be
            if self.until_rejected and not self.results.all_passed:
                break
        if on_last_run is not None:
            on_last_run()
        self._decide(comparing, left=0)  # all of it, so that the checker stays in step

    def _run(self, case: CaseResult, comparing: deque[CaseResult]) -> None:
        """Run one case and hand what came of it to the checker, which compares it when its turn comes."""
        run = self.worker.run(case.name, seed=self.seed)
        result = self.results.note(case, run)
        if isinstance(run.outcome, Fault):
            self.results.fail(result, run.outcome)
            return
        large = len(run.outcome.body) > LARGE_BODY
        if large:
            self._decide(comparing, left=0)  # the submission pays for its own, not for those before
        with self.worker.budget.charge() if large else nullcontext():
            self.checker.compare(run.outcome, seed=self.seed)
            comparing.append(result)
            if large:
                self._decide(comparing, left=0)

    def _decide(self, comparing: deque[CaseResult], *, left: int) -> None:
        """Receive what the checker says, until it has no more than so many left to compare."""
        while len(comparing) > left:
            result = comparing.popleft()
            self.results.decide(result, self.checker.decide(result.name))
