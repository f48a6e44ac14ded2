"""Lanes: warm servers that stay, and benches on them that judge side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from queue import SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.problem import Framework, Problem

from .batch import BatchJudge

LANES = 2
"""Each lane keeps a worker and a checker busy; the conductor's part is small."""

T = TypeVar("T")
Job = Callable[[BatchJudge], T]


class JudgePool:
    """Servers for each framework that is asked for, started once; a context manager."""

    def __init__(self, count: int = LANES) -> None:
        self._count = count
        self._servers: dict[Framework, list[ForkServer]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def servers(self, framework: Framework) -> list[ForkServer]:
        """Return the servers of a framework, which warm up at the same time."""
        if framework not in self._servers:
            self._servers[framework] = [
                self._open.enter_context(ForkServer(framework)) for _ in range(self._count)
            ]
            for server in self._servers[framework]:
                server.warm_up()
        return self._servers[framework]

    def work(self, problem: Problem, jobs: Sequence[Job[T]], on_done: Callable[[int], None]) -> list[T]:
        """Do each job on a bench that is free, and return what came of them in their order."""
        free: SimpleQueue[BatchJudge] = SimpleQueue()

        def run(job: Job[T]) -> T:
            bench = free.get()
            try:
                return job(bench)
            finally:
                free.put(bench)

        with ExitStack() as benches, ThreadPoolExecutor(self._count) as pool:
            for server in self.servers(problem.framework):
                free.put(benches.enter_context(BatchJudge(problem, server)))
            futures = [pool.submit(run, job) for job in jobs]
            try:
                for done, future in enumerate(as_completed(futures), 1):
                    future.result()
                    on_done(done)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
            return [future.result() for future in futures]
