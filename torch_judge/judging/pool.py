"""A pool: warm servers that stay, and judges on them that work side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem

from .batch import BatchJudge

JUDGES: Final = 2
"""Each keeps a worker and a checker busy; the conductor's part is small."""
WAITING: Final = 2
"""How many jobs are handed out for each judge: one is done while the next one waits."""

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

    def stream(self, problem: Problem, jobs: Iterable[Job[T]]) -> Iterator[tuple[int, T]]:
        """Do each job with a judge that is free, and yield its number and result as soon as it is there.

        What one job raises ends all. So does whoever reads no further.
        """

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job, and return what came of them in their order; `on_done` is told how many are done."""

    def close(self) -> None:
        """End all that was started."""


class JudgePool:
    """A pool of threads, each with a warm server for each framework that is asked for; a context manager.

    With a `server` all share that one, which ends with the pool: for a few answers another one takes longer
    to start than it saves. Where a layer of the sandbox is missing that is `required`, by default by
    $TORCH_JUDGE_REQUIRE_ISOLATION, nothing is run.
    """

    def __init__(
        self,
        count: int = JUDGES,
        *,
        server: ForkServer | None = None,
        required: frozenset[Layer] | None = None,
    ) -> None:
        self._count, self._shared, self._required = count, server, required
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
            shared = self._shared
            count = 1 if shared else self._count
            servers = [self._open.enter_context(shared or ForkServer(framework)) for _ in range(count)]
            self._servers[framework] = servers
            for server in servers:
                server.warm_up()

    def stream(self, problem: Problem, jobs: Iterable[Job[T]]) -> Iterator[tuple[int, T]]:
        """Do each job with a judge that is free, and yield what came of it as soon as it is there."""
        self.open(problem.framework)
        free: SimpleQueue[BatchJudge] = SimpleQueue()

        def run(job: Job[T]) -> T:
            judge = free.get()
            try:
                return job(judge)
            finally:
                free.put(judge)

        with ExitStack() as judges, ThreadPoolExecutor(self._count) as threads:
            servers = self._servers[problem.framework]
            for server in itertools.islice(itertools.cycle(servers), self._count):
                free.put(judges.enter_context(BatchJudge(problem, server, required=self._required)))
            left, running = enumerate(jobs), dict[Future[T], int]()
            try:
                while True:
                    for number, job in itertools.islice(left, self._count * WAITING - len(running)):
                        running[threads.submit(run, job)] = number
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        yield running.pop(future), future.result()
            except BaseException:  # whoever reads no further too: the rest would be done for nothing
                threads.shutdown(wait=False, cancel_futures=True)
                self.close()  # what runs now would else run to its limits
                raise

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job, and return what came of them in their order."""
        results: dict[int, T] = {}
        for number, result in self.stream(problem, jobs):
            results[number] = result
            if on_done is not None:
                on_done(len(results))
        return [results[number] for number in range(len(jobs))]

    def close(self) -> None:
        """End the servers."""
        self._open.close()
        self._servers.clear()
