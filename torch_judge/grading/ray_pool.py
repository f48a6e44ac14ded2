"""A pool of Ray: a process for each core of this machine, or of a cluster, with a desk of its own.

Only who asks for it imports Ray, an extra. Actors come back after they are killed, and what they were asked
then is asked again: a job is done at least once, and its result comes once.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from torch_judge.judging.pool import Fails, Job, OnDone, collect
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem

from .ray_actors import RayActors, welcome
from .ray_connection import LOCAL, check_address, import_ray, word_error
from .ray_worker import pack

BATCH: Final = 2
"""How many jobs travel together: a call takes a millisecond, a job some ten."""
WAITING: Final = 2
"""How many batches are handed out for each worker: one is done while the next one waits."""

T = TypeVar("T")


class RayPool:
    """A pool of Ray's actors, one for each core; a context manager.

    `address` is that of a cluster, or `local`: a Ray of our own on this machine, which ends with the pool.
    Raises UsageError where Ray is not installed, or nobody answers at the address.
    """

    def __init__(
        self,
        address: str = LOCAL,
        *,
        count: int | None = None,
        required: frozenset[Layer] | None = None,
    ) -> None:
        check_address(address)
        self._ray = import_ray(address)
        self._address, self._count, self._required = address, count, required
        self._actors: RayActors | None = None
        self._workers: list[_Worker] = []
        self._starting: dict[Any, _Worker] = {}
        self._opened: set[Framework] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, framework: Framework) -> None:
        """Connect, start the workers and have them warm up; those that are slow to start join later."""
        if self._actors is None:
            self._actors = RayActors(self._ray, self._address, count=self._count, required=self._required)
            try:
                self._start_workers(self._actors)
            except BaseException:
                self.close()
                raise
        if framework not in self._opened:
            self._opened.add(framework)
            for worker in (*self._workers, *self._starting.values()):
                worker.actor.open.remote(framework)  # whoever does a job there finds out what came of it

    def stream(
        self, problem: Problem, jobs: Iterable[Job[T]], *, fails: Fails[T] | None = None
    ) -> Generator[tuple[int, T]]:
        """Do each job at a worker that is free, and yield what came of it as soon as it is there."""
        self.open(problem.framework)
        try:
            package = self._ray.put(pack(problem))
            yield from self._work(package, jobs, fails)
        except self._ray.exceptions.RayError as error:
            self.close()
            raise word_error(error) from None
        except BaseException:  # whoever reads no further too: the rest would be done for nothing
            self.close()
            raise

    def map(self, problem: Problem, jobs: Sequence[Job[T]], on_done: OnDone | None = None) -> list[T]:
        """Do each job, and return what came of them in their order."""
        return collect(self.stream(problem, jobs), len(jobs), on_done)

    def close(self) -> None:
        """End the workers, and the Ray that was started for them."""
        self._workers.clear()
        self._starting.clear()
        self._opened.clear()
        actors, self._actors = self._actors, None
        if actors is not None:
            actors.close()

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that have started, as they were then."""
        return [worker.pid for worker in self._workers]

    def _work(self, package: Any, jobs: Iterable[Job[T]], fails: Fails[T] | None) -> Generator[tuple[int, T]]:
        left = (_Task(number, job) for number, job in enumerate(jobs))
        again: deque[_Task] = deque()
        running: dict[Any, tuple[_Worker, list[_Task]]] = {}
        while True:
            for worker in sorted(self._workers * WAITING, key=lambda worker: worker.load):
                if worker.load < WAITING and (batch := self._choose(worker, left, again)):
                    reference = worker.actor.work.remote(package, [task.job for task in batch])
                    running[reference] = worker, batch
                    worker.load += 1
            if not running:
                return
            for reference in self._ray.wait([*running, *self._starting], num_returns=1)[0]:
                if reference in self._starting:
                    self._welcome([reference])
                    continue
                worker, batch = running.pop(reference)
                worker.load -= 1
                for task, result in zip(batch, self._ray.get(reference), strict=True):
                    if task.failed_at is None and fails is not None and fails(result):
                        again.append(replace(task, failed_at=worker))
                    else:
                        yield task.number, result

    def _choose(self, worker: _Worker, left: Iterator[_Task], again: deque[_Task]) -> list[_Task]:
        """Choose what a worker does next: what failed elsewhere, or what is left."""
        for task in list(again):
            if task.failed_at is not worker or len(self._workers) == 1:
                again.remove(task)
                return [task]
        return list(itertools.islice(left, BATCH))

    def _start_workers(self, actors: RayActors) -> None:
        """Have each actor introduce itself, and wait for the first."""
        self._starting = {actor.introduce.remote(): _Worker(actor) for actor in actors.all}
        self._welcome(actors.wait_for_first(list(self._starting)))

    def _welcome(self, arrived: Iterable[Any]) -> None:
        """Take in workers that have started. Raises UsageError where one judges by other releases."""
        for reference in arrived:
            pid = welcome(self._ray, reference)
            worker = self._starting.pop(reference)
            worker.pid = pid
            self._workers.append(worker)


class _Worker:
    """An actor, and how many batches it has."""

    def __init__(self, actor: Any) -> None:
        self.actor, self.pid, self.load = actor, 0, 0


@dataclass(frozen=True, slots=True)
class _Task:
    """A job on its way, and the worker at which it failed before."""

    number: int
    job: Job[Any]
    failed_at: _Worker | None = None
