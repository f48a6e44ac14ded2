"""A workplace: where a thread has one submission after another judged."""

from __future__ import annotations

from typing import Protocol

from torch_judge.model.errors import JudgeError
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import Submission

from .batch import Plan


class OutOfReachError(JudgeError):
    """A workplace cannot be reached or may not judge; of what was judged there, nothing is known."""


class Workplace(Protocol):
    """What a thread needs to judge: a desk of this machine, or a process of a cluster.

    One thread asks. Another may close it meanwhile, which ends what is judged there.
    """

    def open(self, framework: Framework) -> object:
        """Have what problems of this framework need warm up, without waiting for it."""

    def check_isolation(self, framework: Framework) -> None:
        """Raise JudgeError where less isolation holds than is required."""

    def reach(self) -> None:
        """Find out that it can judge now. Raises OutOfReachError, which says why not."""

    def judge(self, problem: Problem, submission: Submission, seed: int, plan: Plan) -> Report:
        """Judge a submission under one seed; the plan's `on_suite` and `on_case` hear what comes meanwhile.

        Raises OutOfReachError.
        """

    def begin(self) -> None:
        """Begin a job: one that was cancelled before is over."""

    def cancel(self) -> None:
        """End the job that is done here, from another thread, until another is begun; more than once, too."""

    def close(self) -> None:
        """End all that was started."""
