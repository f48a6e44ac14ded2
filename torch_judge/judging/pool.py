"""A pool: warm servers that stay, and judges on them that work side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.problem import Framework, Problem

from .batch import BatchJudge

JUDGES: Final = 2
"""Each keeps a worker and a checker busy; the conductor's part is small."""

T = TypeVar("T")
Job = Callable[[BatchJudge], T]
OnDone = Callable[[int], None]


class Pool(Protocol):
    """What does jobs side by side: threads on this machine here, or the processes of a cluster.

    A job is a function of a module with its arguments, so that it can travel. A pool of other processes sends
    a problem as `slug` and `bank`, and has the bank read there: a folder here says nothing on another
    machine.
    """

    def open(self, framework: Framework) -> None:
        """Start what problems of this framework need, so that the first job finds it warm."""

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job with a judge that is free, and return what came of them in their order.

        `on_done` is told how many are done. What one job raises ends all.
        """

    def close(self) -> None:
        """End all that was started."""


class JudgePool:
    """A pool of threads, each with a warm server for each framework that is asked for; a context manager."""

    def __init__(self, count: int = JUDGES) -> None:
        self._count = count
        self._servers: dict[Framework, list[ForkServer]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, framework: Framework) -> None:
        """Start the servers of a framework, which warm up at the same time."""
        if framework not in self._servers:
            servers = [self._open.enter_context(ForkServer(framework)) for _ in range(self._count)]
            self._servers[framework] = servers
            for server in servers:
                server.warm_up()

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job with a judge that is free, and return what came of them in their order."""
        self.open(problem.framework)
        free: SimpleQueue[BatchJudge] = SimpleQueue()

        def run(job: Job[T]) -> T:
            judge = free.get()
            try:
                return job(judge)
            finally:
                free.put(judge)

        with ExitStack() as judges, ThreadPoolExecutor(self._count) as threads:
            for server in self._servers[problem.framework]:
                free.put(judges.enter_context(BatchJudge(problem, server)))
            futures = [threads.submit(run, job) for job in jobs]
            try:
                for done, future in enumerate(as_completed(futures), 1):
                    future.result()
                    if on_done is not None:
                        on_done(done)
            except BaseException:
                threads.shutdown(wait=True, cancel_futures=True)  # else the rest is done for nothing
                raise
            return [future.result() for future in futures]

    def close(self) -> None:
        """End the servers."""
        self._open.close()
        self._servers.clear()
