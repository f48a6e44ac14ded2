"""A standing judge: for a person who checks one problem again and again, and is to wait as little as may be.

After a check it keeps the checker, has it make the jury's answers to the next seed, and a worker wait for the
next answer. What is decided is what `judge` decides.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.errors import BankError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import Submission

from .batch import BatchJudge, Plan
from .diagnosis import SECONDS as SECONDS_TO_DIAGNOSE
from .judge import OnSuite, judge, require_by_default
from .results import OnCase
from .signatures import digest_suite

SECONDS_TO_FINISH: Final = 5.0
_Key = tuple[Problem, str, ForkServer, frozenset[Layer]]
"""What a judge is ready for; the text stands for the files of the problem, which may have changed since."""


class StandingJudge:
    """Judges submissions one after another, ready for the next one to the problem that was judged last.

    Any thread may ask, and a process that was forked from this one; while one is judged, others are judged
    as `judge` does.
    """

    def __init__(self) -> None:
        self._bench: tuple[_Key, BatchJudge] | None = None
        self._busy = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave_to_parent)

    def judge(
        self,
        problem: Problem,
        submission: Submission,
        *,
        server: ForkServer,
        seed: int | None = None,
        required: frozenset[Layer] | None = None,
        on_suite: OnSuite | None = None,
        on_case: OnCase | None = None,
        counterexample: bool = True,
    ) -> Report:
        """Judge a submission and return the report, as `judge` does."""
        if required is None:
            required = require_by_default()
        is_ours = False
        try:
            is_ours = self._busy.acquire(blocking=False)
            bench = self._find_bench(problem, server, required) if is_ours else None
            if bench is not None:
                plan = Plan(
                    seconds_to_diagnose=SECONDS_TO_DIAGNOSE,
                    counterexample=counterexample,
                    on_suite=on_suite,
                    on_case=on_case,
                )
                return bench.judge(submission, bench.draw_seed() if seed is None else seed, plan)
        finally:
            if is_ours:
                self._busy.release()
        return judge(
            problem,
            submission,
            server=server,
            seed=seed,
            required=required,
            on_suite=on_suite,
            on_case=on_case,
            counterexample=counterexample,
        )

    def close(self) -> None:
        """End what waits; who asks again starts it anew."""
        if self._busy.acquire(timeout=SECONDS_TO_FINISH):
            try:
                self._clear()
            finally:
                self._busy.release()

    def _find_bench(
        self, problem: Problem, server: ForkServer, required: frozenset[Layer]
    ) -> BatchJudge | None:
        """Find what is ready, or make it ready; None where a file of the problem cannot be read."""
        try:
            wanted = problem, digest_suite(problem), server, required
        except (BankError, OSError):
            return None
        if self._bench is None or self._bench[0] != wanted or not server.has_children:
            self._clear()
            self._bench = wanted, BatchJudge(problem, server, required=required, looks_ahead=True)
        return self._bench[1]

    def _clear(self) -> None:
        bench, self._bench = self._bench, None
        if bench is not None:
            bench[1].close()

    def _leave_to_parent(self) -> None:
        """In a fork of the conductor, forget what is the parent's: nothing here may speak to it or end it."""
        self._bench, self._busy = None, threading.Lock()
