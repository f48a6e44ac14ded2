"""Judge in a thread of its own what was asked for last; a check for something older is ended.

It records and shows nothing: callbacks learn what became of a request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from torch_judge.execution.forkserver.channel import Child
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.model.errors import TorchJudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission

from .judge import judge

SECONDS_TO_STOP = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is to be judged: a problem, and what reads the submission once its turn has come.

    Each request is itself and no other, though it may ask for the same thing again.
    """

    problem: Problem
    read: Callable[[], Submission]


OnSuite = Callable[[Request, Sequence[CaseResult]], None]
OnCase = Callable[[Request, CaseResult], None]
OnReport = Callable[[Request, Submission, Report], None]
OnError = Callable[[Request, Exception], None]


class _Cancelled(Exception):  # noqa: N818 - a state of a check, which nobody sees
    """The check is not wanted any more."""


class CancellableServer(ForkServer):
    """A warm server whose running check can be ended from another thread."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._started: list[Child] = []
        self._cancelled = False
        self._lock_of_check = threading.Lock()

    def start(self, role: str, confinement: Confinement | None = None) -> Child:
        """Start a child, unless the check is not wanted any more."""
        self.raise_if_cancelled()
        child = super().start(role, confinement)
        with self._lock_of_check:
            self._started.append(child)
            cancelled = self._cancelled
        if cancelled:  # whoever cancelled while it started could not see it
            child.end()
            raise _Cancelled
        return child

    def raise_if_cancelled(self) -> None:
        """Raise if the check is not wanted any more."""
        if self._cancelled:
            raise _Cancelled

    def begin(self) -> None:
        """Forget earlier checks."""
        with self._lock_of_check:
            self._started, self._cancelled = [], False

    def cancel(self) -> None:
        """End the check that is running: its worker, its checker, and whatever else was started for it."""
        with self._lock_of_check:
            self._cancelled, started = True, list(self._started)
        # Those that a case killed and that were replaced are among them: they have ended, and kill nothing.
        for child in started:
            with suppress(TorchJudgeError, OSError, KeyError):
                child.kill()


class BackgroundJudge:
    """A thread that judges what was asked for last; a context manager, which leaves nothing running.

    The callbacks run in that thread. Of a request that was overtaken or cancelled they hear nothing, unless
    its report was on its way already: they are given the request, so that they can tell.
    """

    def __init__(
        self,
        *,
        on_report: OnReport,
        on_error: OnError,
        required: frozenset[Layer],
        on_suite: OnSuite | None = None,
        on_case: OnCase | None = None,
    ) -> None:
        self._on_report, self._on_error, self._required = on_report, on_error, required
        self._on_suite, self._on_case = on_suite, on_case
        self._wanted: Request | None = None
        self._open = True
        self._change = threading.Condition()
        self._servers: dict[Framework, CancellableServer] = {}
        self._thread = threading.Thread(target=self._work, name="torch_judge background", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._open = False
            self._drop()
            self._change.notify()
        self._thread.join(SECONDS_TO_STOP)
        for server in self._servers.values():
            server.close()

    def ask(self, request: Request) -> None:
        """Have something judged, instead of whatever is being judged."""
        with self._change:
            self._warm_up(request.problem.framework)
            self._drop()
            self._wanted = request
            self._change.notify()

    def cancel(self) -> None:
        """End the check that is running, and forget one that waits."""
        with self._change:
            self._drop()

    def warm_up(self, framework: Framework) -> None:
        """Start the server of a framework in the background, so that the first check finds it warm."""
        with self._change:
            self._warm_up(framework)

    def _warm_up(self, framework: Framework) -> None:
        if framework not in self._servers:
            self._servers[framework] = CancellableServer(framework)
            self._servers[framework].warm_up()

    def _drop(self) -> None:
        self._wanted = None
        for server in self._servers.values():
            server.cancel()

    def _work(self) -> None:
        while (request := self._wait_for_request()) is not None:
            try:
                self._judge(request)
            except _Cancelled:
                pass
            except Exception as error:  # whoever asked says what it was
                self._on_error(request, error)

    def _wait_for_request(self) -> Request | None:
        """Wait for the next request; None when the block has ended."""
        with self._change:
            self._change.wait_for(lambda: self._wanted is not None or not self._open)
            request, self._wanted = self._wanted, None
            if request is not None:  # under the same lock: a cancel from now on means this one
                self._servers[request.problem.framework].begin()
            return request

    def _judge(self, request: Request) -> None:
        server = self._servers[request.problem.framework]

        def on_suite(cases: Sequence[CaseResult]) -> None:
            server.raise_if_cancelled()
            if self._on_suite is not None:
                self._on_suite(request, cases)

        def on_case(result: CaseResult) -> None:
            server.raise_if_cancelled()
            if self._on_case is not None:
                self._on_case(request, result)

        submission = request.read()
        report = judge(
            request.problem,
            submission,
            server=server,
            required=self._required,
            on_suite=on_suite,
            on_case=on_case,
        )
        server.raise_if_cancelled()  # killed processes make a report too, which nobody should see
        self._on_report(request, submission, report)
