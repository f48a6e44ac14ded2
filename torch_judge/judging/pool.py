"""A pool: desks that stay, and judges at them that work side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from threading import Condition
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem

from .batch import BatchJudge
from .desk import Desk

JUDGES: Final = 2
"""Each keeps a worker and a checker busy; the conductor's part is small."""
WAITING: Final = 2
"""How many jobs are handed out for each judge: one is done while the next one waits."""

T = TypeVar("T")
Job = Callable[[BatchJudge], T]
Fails = Callable[[T], bool]
OnDone = Callable[[int], None]


class Pool(Protocol):
    """What does jobs side by side: threads on this machine here, or the processes of a cluster.

    A job is a function of a module with its arguments, so that it can travel. A pool of other processes sends
    a problem with its files: a folder here says nothing on another machine.
    """

    def open(self, framework: Framework) -> None:
        """Start what problems of this framework need, so that the first job finds it warm.

        Raises JudgeError where less isolation holds than is required.
        """

    def stream(
        self, problem: Problem, jobs: Iterable[Job[T]], *, fails: Fails[T] | None = None
    ) -> Generator[tuple[int, T]]:
        """Do each job with a judge that is free, and yield its number and result as soon as it is there.

        A job whose result `fails` is done once more, by another judge if there is one. What one job raises
        ends all. So does whoever reads no further.
        """

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job, and return what came of them in their order; `on_done` is told how many are done."""

    def close(self) -> None:
        """End all that was started."""


def collect(results: Generator[tuple[int, T]], count: int, on_done: OnDone | None = None) -> list[T]:
    """Read a stream to its end, and return the results in the order of their jobs."""
    found: dict[int, T] = {}
    with closing(results):
        for number, result in results:
            found[number] = result
            if on_done is not None:
                on_done(len(found))
    return [found[number] for number in range(count)]


class JudgePool:
    """A pool of threads, each with a desk; a context manager.

    With a `server`, of the framework of all problems, the desks share that one, which ends with the pool: for
    a few answers another one takes longer to start than it saves.
    """

    def __init__(
        self,
        count: int = JUDGES,
        *,
        required: frozenset[Layer] | None = None,
        server: ForkServer | None = None,
    ) -> None:
        self._desks = tuple(Desk(required, server=server) for _ in range(count))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, framework: Framework) -> None:
        """Start the servers of a framework, which warm up at the same time."""
        for desk in self._desks:
            desk.open(framework)
        self._desks[0].check_isolation(framework)

    def stream(
        self, problem: Problem, jobs: Iterable[Job[T]], *, fails: Fails[T] | None = None
    ) -> Generator[tuple[int, T]]:
        """Do each job with a judge that is free, and yield what came of it as soon as it is there."""
        self.open(problem.framework)
        judges = _Judges([desk.find_judge(problem) for desk in self._desks])

        def run(job: Job[T], failed: BatchJudge | None = None) -> tuple[T, BatchJudge]:
            judge = judges.take(failed)
            try:
                return job(judge), judge
            finally:
                judges.give(judge)

        with ThreadPoolExecutor(len(self._desks)) as threads:
            left = enumerate(jobs)
            first = dict[Future[tuple[T, BatchJudge]], tuple[int, Job[T]]]()
            again = dict[Future[tuple[T, BatchJudge]], int]()
            try:
                while True:
                    room = len(self._desks) * WAITING - len(first) - len(again)
                    for number, job in itertools.islice(left, room):
                        first[threads.submit(run, job)] = number, job
                    if not first and not again:
                        return
                    for future in wait([*first, *again], return_when=FIRST_COMPLETED).done:
                        result, judge = future.result()
                        if future in again:
                            yield again.pop(future), result
                            continue
                        number, job = first.pop(future)
                        if fails is not None and fails(result):
                            again[threads.submit(run, job, judge)] = number
                        else:
                            yield number, result
            except BaseException:  # whoever reads no further too: the rest would be done for nothing
                threads.shutdown(wait=False, cancel_futures=True)
                self.close()  # what runs now would else run to its limits
                raise

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job, and return what came of them in their order."""
        return collect(self.stream(problem, jobs), len(jobs), on_done)

    def close(self) -> None:
        """End the servers."""
        for desk in self._desks:
            desk.close()


class _Judges:
    """The judges that are free."""

    def __init__(self, judges: Sequence[BatchJudge]) -> None:
        self._free, self._alone = list(judges), len(judges) == 1
        self._changed = Condition()

    def take(self, failed: BatchJudge | None) -> BatchJudge:
        """Wait for a judge, another than the one that failed if there are several."""
        with self._changed:
            while True:
                for place, judge in enumerate(self._free):
                    if judge is not failed or self._alone:
                        return self._free.pop(place)
                self._changed.wait()

    def give(self, judge: BatchJudge) -> None:
        """Give a judge back."""
        with self._changed:
            self._free.append(judge)
            self._changed.notify_all()
