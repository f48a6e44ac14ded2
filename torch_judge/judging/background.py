"""Rounds: one check after another in a thread of its own, of which only the latest counts; what happens goes into one queue."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from torch_judge.execution.forkserver.channel import Child
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.learning.history import record
from torch_judge.model.errors import TorchJudgeError, UsageError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission, from_path

from .judge import judge

SECONDS_TO_STOP = 5.0
PAUSES = 3
SECONDS_OF_PAUSE = 0.05
"""An editor that empties a file before it fills it is given so many pauses."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The file may have changed."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A check ended: its number, its report, and what could not be kept of it."""

    ticket: int
    report: Report
    said: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread cannot go on."""

    ticket: int
    error: Exception


@dataclass(frozen=True, slots=True)
class Resumed:
    """The process goes on after it was stopped by Ctrl-Z."""


Event = Looked | Pressed | Judged | Broken | Resumed
Events = SimpleQueue[Event]


class _Cancelled(Exception):  # noqa: N818 - a state of a check, which nobody sees
    """The check is not wanted any more."""


class CancellableServer(ForkServer):
    """A warm server whose running check can be ended from another thread."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._held: list[Child] = []
        self._cancelled = False
        self._hold = threading.Lock()

    def start(self, role: str, confinement: Confinement | None = None) -> Child:
        """Start a child, unless the check is not wanted any more."""
        self.heed()
        child = super().start(role, confinement)
        with self._hold:
            self._held.append(child)
        self.heed()
        return child

    def heed(self) -> None:
        """Raise if the check is not wanted any more."""
        if self._cancelled:
            raise _Cancelled

    def begin(self) -> None:
        """Forget earlier checks."""
        with self._hold:
            self._held, self._cancelled = [], False

    def cancel(self) -> None:
        """End the check that is running."""
        with self._hold:
            self._cancelled, held = True, self._held[-2:]
        for child in held:
            with suppress(TorchJudgeError, OSError, KeyError):
                child.kill()


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be judged."""

    ticket: int
    problem: Problem
    path: Path


class BackgroundJudge:
    """A thread that judges what was asked for last; a context manager."""

    def __init__(self, events: Events, *, required: frozenset[Layer], keep: bool) -> None:
        self._events, self._required, self._keep = events, required, keep
        self._wanted: Request | None = None
        self._open = True
        self._change = threading.Condition()
        self._servers: dict[Framework, CancellableServer] = {}
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._open, self._wanted = False, None
            self._change.notify()
        self.cancel()
        self._thread.join(SECONDS_TO_STOP)
        for server in self._servers.values():
            server.close()

    def ask(self, wish: Request) -> None:
        """Have something judged, instead of whatever is being judged."""
        server = self._servers.get(wish.problem.framework)
        if server is None:
            server = self._servers[wish.problem.framework] = CancellableServer(wish.problem.framework)
            server.warm_up()
        with self._change:
            self._wanted = wish
            self.cancel()
            self._change.notify()

    def cancel(self) -> None:
        """End the check that is running."""
        for server in self._servers.values():
            server.cancel()

    def _work(self) -> None:
        while (wish := self._next()) is not None:
            try:
                self._judge(wish)
            except _Cancelled:
                pass
            except Exception as error:  # the main thread says what it was
                self._events.put(Broken(wish.ticket, error))

    def _next(self) -> Request | None:
        with self._change:
            self._change.wait_for(lambda: self._wanted is not None or not self._open)
            wish, self._wanted = self._wanted, None
            if wish is not None:
                self._servers[wish.problem.framework].begin()
            return wish

    def _judge(self, wish: Request) -> None:
        server = self._servers[wish.problem.framework]

        def on_case(_result: CaseResult) -> None:
            server.heed()

        submission = read_whole(wish.path)
        report = judge(wish.problem, submission, server=server, required=self._required, on_case=on_case)
        server.heed()
        said = record(wish.problem, submission, report) if self._keep else ""
        self._events.put(Judged(wish.ticket, report, said))


def read_whole(path: Path) -> Submission:
    """Read a file; one that holds nothing may be in the middle of being written."""
    for _ in range(PAUSES):
        with suppress(OSError, UsageError):
            if path.stat().st_size:
                return from_path(path)
        time.sleep(SECONDS_OF_PAUSE)
    return from_path(path)
