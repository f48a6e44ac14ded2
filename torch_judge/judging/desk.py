"""A desk: where one job at a time is done, with a warm server and a judge for each problem in use."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer, isolation_without
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import Submission

from .background import CancellableServer
from .batch import BatchJudge, Plan
from .judge import require_by_default
from .signatures import digest_suite

MOST_PROBLEMS: Final = 8
"""Each has a checker that stays; of more, the one that was asked longest ago is closed."""


class Desk:
    """Warm servers, and a judge for each problem in use; a context manager.

    Nothing is run where a layer of the sandbox is missing that is `required`, by default by
    $TORCH_JUDGE_REQUIRE_ISOLATION.
    """

    def __init__(self, required: frozenset[Layer] | None = None, *, server: ForkServer | None = None) -> None:
        self._required = require_by_default() if required is None else required
        self._shared = server
        """What is used in the place of one of its own, and ends with the desk."""
        self._servers: dict[Framework, ForkServer] = {}
        self._is_cancelled = False
        self._judges: list[tuple[Problem, str, BatchJudge]] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, framework: Framework) -> ForkServer:
        """Start the server of a framework, if there is none; it warms up in the background."""
        if framework not in self._servers:
            server = self._open.enter_context(self._shared or CancellableServer(framework))
            self._servers[framework] = server
            if self._is_cancelled:
                _cancel(server)
            server.warm_up()
        return self._servers[framework]

    def check_isolation(self, framework: Framework) -> None:
        """Raise JudgeError where less holds than is required."""
        if self._required:
            missing = self.open(framework).describe().missing
            isolation = isolation_without({Layer(name): why for name, why in missing.items()})
            if lacking := isolation.lacks(self._required):
                said = "the isolation that is required does not hold here, so nothing was run"
                raise JudgeError(f"{said}: {lacking}")

    def find_judge(self, problem: Problem) -> BatchJudge:
        """Find the judge of a problem, or make one; the files of a problem may have changed since."""
        digest = digest_suite(problem)
        place = next((n for n, each in enumerate(self._judges) if each[:2] == (problem, digest)), None)
        if place is not None:
            self._judges.append(self._judges.pop(place))
        else:
            if len(self._judges) == MOST_PROBLEMS:
                self._judges.pop(0)[2].close()
            judge = BatchJudge(problem, self.open(problem.framework), required=self._required)
            self._judges.append((problem, digest, judge))
        return self._judges[-1][2]

    def begin(self) -> None:
        """Begin a job; of one that was cancelled nothing is left."""
        if self._is_cancelled:
            self._close_judges()
            self._is_cancelled = False
        for server in self._servers.values():
            if isinstance(server, CancellableServer):
                server.begin()

    def cancel(self) -> None:
        """End the job that is done here, from another thread, until another is begun.

        Servers of its own stay warm, and all that they have started ends; a server that is shared goes on.
        """
        self._is_cancelled = True
        for server in list(self._servers.values()):
            _cancel(server)

    def reach(self) -> None:
        """Find out that it can judge now, which on this machine it always can."""

    def judge(self, problem: Problem, submission: Submission, seed: int, plan: Plan) -> Report:
        """Judge a submission under one seed."""
        return self.find_judge(problem).judge(submission, seed, plan)

    def close(self) -> None:
        """End all that was started; what is asked for later is started anew."""
        # the servers first: with them ends what a thread may still be waiting for
        self._open.close()
        self._servers.clear()
        self._close_judges()

    def _close_judges(self) -> None:
        while self._judges:
            self._judges.pop()[2].close()


def _cancel(server: ForkServer) -> None:
    if isinstance(server, CancellableServer):
        server.cancel()
