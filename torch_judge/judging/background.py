"""Judge, or run, in a thread of its own what was asked for last; what is older is ended.

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

from .example import ExampleRun, run_example
from .judge import judge

SECONDS_TO_STOP = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is to be judged: a problem, and what reads the submission once its turn has come.

    Each request is itself and no other, though it may ask for the same thing again.
    """

    problem: Problem
    read: Callable[[], Submission]


@dataclass(frozen=True, slots=True, eq=False)
class ExampleRequest(Request):
    """What is not to be judged, but run on an input of the learner's own; with `jury`, beside its answer."""

    code: str
    jury: bool = False


OnReport = Callable[[Request, Submission, Report], None]
OnExample = Callable[[ExampleRequest, ExampleRun], None]
OnSuite = Callable[[Request, Sequence[CaseResult]], None]
OnCase = Callable[[Request, CaseResult], None]
OnError = Callable[[Request, Exception], None]


def _ignore(*_told: object) -> None:
    """Hear of something that nobody asked to hear of."""


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
            self._started = [known for known in self._started if not known.has_ended]
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
        """Begin a check that is wanted, whatever became of those before it."""
        with self._lock_of_check:
            self._cancelled = False

    def cancel(self) -> None:
        """End the check that is running: whatever was started here and has not been ended."""
        with self._lock_of_check:
            self._cancelled, started = True, list(self._started)
        # Those that a case killed and that were replaced are among them: they have ended, and kill nothing.
        for child in started:
            with suppress(TorchJudgeError, OSError, KeyError):
                child.kill()


class BackgroundJudge:
    """A thread that judges or runs what was asked for last; a context manager, which leaves nothing running.

    A check is heard of by `on_suite`, once, with all cases before the first is run; by `on_case` as each is
    decided; and by `on_report`. An example is heard of by `on_example`. The callbacks run in that thread. Of
    a request that was overtaken or cancelled they hear nothing any more, unless it was on its way already:
    they are given the request, so that they can tell.
    """

    def __init__(
        self,
        *,
        on_report: OnReport,
        on_error: OnError,
        required: frozenset[Layer],
        on_example: OnExample = _ignore,
        on_suite: OnSuite = _ignore,
        on_case: OnCase = _ignore,
    ) -> None:
        self._on_report, self._on_error, self._required = on_report, on_error, required
        self._on_example, self._on_suite, self._on_case = on_example, on_suite, on_case
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
        """Have something judged or run, instead of whatever is being judged or run."""
        with self._change:
            self._warm_up(request.problem.framework)
            self._drop()
            self._wanted = request
            self._change.notify()

    def cancel(self) -> None:
        """End what is being judged or run, and forget what waits."""
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
                self._answer(request)
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

    def _answer(self, request: Request) -> None:
        server = self._servers[request.problem.framework]
        submission = request.read()
        if isinstance(request, ExampleRequest):
            self._run(request, submission, server)
        else:
            self._judge(request, submission, server)

    def _run(self, request: ExampleRequest, submission: Submission, server: CancellableServer) -> None:
        run = run_example(
            request.problem,
            submission,
            request.code,
            server=server,
            jury=request.jury,
            required=self._required,
        )
        server.raise_if_cancelled()  # killed processes have an ending too, which nobody should see
        self._on_example(request, run)

    def _judge(self, request: Request, submission: Submission, server: CancellableServer) -> None:
        def on_suite(cases: Sequence[CaseResult]) -> None:
            server.raise_if_cancelled()
            self._on_suite(request, cases)

        def on_case(result: CaseResult) -> None:
            server.raise_if_cancelled()
            self._on_case(request, result)

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
