"""Desks of Ray: workplaces that are actors, of this machine or of a cluster, and tell what they judge."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from torch_judge.judging.batch import Plan
from torch_judge.judging.workplace import OutOfReachError
from torch_judge.model.errors import JudgeError, TorchJudgeError, UsageError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission

from .ray_actors import SECONDS_TO_START, RayActors, welcome
from .ray_connection import CONTROL, LOCAL, check_address, import_ray, word_error
from .ray_worker import Told, pack

MOST_TRIES: Final = 3
"""A submission under which an actor ended so often is given back as a judge error."""
SECONDS_OF_QUIET: Final = 5.0
"""An actor that has told nothing for so long is asked whether it is there."""
SECONDS_TO_ANSWER: Final = 10.0
SECONDS_TO_RETURN: Final = 60.0
"""How long an actor that was killed may take to come back and warm up."""
SECONDS_TO_LOOK: Final = 0.5
"""Whoever waits for an actor sees so often whether its desk was closed."""


class RayDesk:
    """A workplace at one actor. It may be killed and come back: what it was asked then is asked again."""

    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray, self._actor = ray, actor
        self._frameworks: list[Framework] = []
        self._pid = 0
        """The process that was warm when it was last reached; another one must warm up first."""
        self._over = threading.Event()

    def open(self, framework: Framework) -> None:
        """Have the actor start a warm server; how that went is found out by who waits for it."""
        self._frameworks.append(framework)
        self._actor.open.remote(framework)

    def check_isolation(self, framework: Framework) -> None:
        """Raise JudgeError where less isolation holds than is required."""
        opened = self._actor.open.remote(framework)
        self._await(opened, SECONDS_TO_START)
        try:
            self._ray.get(opened)
        except self._ray.exceptions.RayError as error:
            raise word_error(error) from None

    def reach(self) -> None:
        """Find out that the actor is there, of the right releases, and warm. Raises OutOfReachError."""
        self._reach(SECONDS_TO_ANSWER)

    def judge(self, problem: Problem, submission: Submission, seed: int, plan: Plan) -> Report:
        """Judge a submission under one seed; what is told twice, since an actor was killed, is heard once."""
        package, news = pack(problem), _Once(plan)
        check = self._actor.check.options(num_returns="streaming", max_task_retries=0)
        asked = package, submission, seed, replace(plan, on_suite=None, on_case=None)
        for _ in range(MOST_TRIES):
            try:
                return self._follow(check.remote(*asked), news)
            except self._ray.exceptions.RayTaskError as error:  # what the actor itself raised
                raise word_error(error) from None
            except TorchJudgeError:
                raise
            except Exception:  # its process has ended, or Ray has
                self._reach(SECONDS_TO_RETURN)
        raise JudgeError(f"Ray's process ended {MOST_TRIES} times while it judged this")

    def begin(self) -> None:
        """Leave it to the actor, which begins a job with each check."""

    def cancel(self) -> None:
        """Have the actor end what it judges; what it has not begun yet, the next call ends."""
        with suppress(Exception):  # it may be out of reach, or have ended
            self._actor.cancel.options(concurrency_group=CONTROL, max_task_retries=0).remote()

    def close(self) -> None:
        """End what is judged; the actor itself ends with its connection."""
        self._over.set()
        with suppress(Exception):  # it may be out of reach, or have ended
            self._actor.close.options(concurrency_group=CONTROL, max_task_retries=0).remote()

    def _follow(self, stream: Any, news: _Once) -> Report:
        """Hear what an actor tells of a check, up to the report."""
        while True:
            if not self._wait(stream, SECONDS_OF_QUIET):
                self._reach(SECONDS_TO_ANSWER)
                continue
            try:
                told: Told = self._ray.get(next(stream))
            except StopIteration:
                raise JudgeError("Ray's process told no report") from None
            if isinstance(told, Report):
                return told
            news.hear(told)

    def _reach(self, seconds: float) -> None:
        try:
            introduction = self._actor.introduce.options(concurrency_group=CONTROL).remote()
            self._await(introduction, seconds)
            pid = welcome(self._ray, introduction)
            if pid != self._pid:
                for framework in self._frameworks:
                    self.check_isolation(framework)
                self._pid = pid
        except TorchJudgeError as error:
            raise OutOfReachError(str(error)) from None
        except Exception as error:
            raise OutOfReachError(str(word_error(error))) from None

    def _await(self, reference: Any, seconds: float) -> None:
        if not self._wait(reference, seconds):
            raise OutOfReachError(f"a process of Ray has not answered within {seconds:g} seconds")

    def _wait(self, reference: Any, seconds: float) -> bool:
        """Tell whether something is there within so long. Raises OutOfReachError once this is closed."""
        deadline = time.monotonic() + seconds
        while not self._over.is_set():
            left = deadline - time.monotonic()
            if self._ray.wait([reference], timeout=max(0.0, min(left, SECONDS_TO_LOOK)))[0]:
                return True
            if left <= 0:
                return False
        raise OutOfReachError("it is over")


class _Once:
    """Whoever hears of a check, and hears nothing twice."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._knows_suite = False
        self._cases: set[str] = set()

    def hear(self, told: tuple[CaseResult, ...] | CaseResult) -> None:
        """Tell whoever wants to know, if it is new."""
        if isinstance(told, CaseResult):
            if self._plan.on_case is not None and told.name not in self._cases:
                self._plan.on_case(told)
            self._cases.add(told.name)
        else:
            if self._plan.on_suite is not None and not self._knows_suite:
                self._plan.on_suite(told)
            self._knows_suite = True


@contextmanager
def open_ray_desks(
    address: str = LOCAL, *, count: int | None = None, required: frozenset[Layer] | None = None
) -> Iterator[list[RayDesk]]:
    """Open a desk for each core that Ray has, for a block; the first of them is there, others may join later.

    `address` is that of a cluster, or `local`. Raises UsageError where Ray is not installed, or nobody
    answers at the address, or only by ray://.
    """
    check_address(address)
    if address.startswith("ray://"):  # Ray's client has no generators
        raise UsageError(f"--ray {address}: cases do not arrive over ray://; give the head itself, head:6379")
    ray = import_ray(address, outlives_head=True)
    actors = RayActors(ray, address, count=count, required=required)
    try:
        introductions = {actor.introduce.remote(): actor for actor in actors.all}
        first = actors.wait_for_first(list(introductions))[0]
        welcome(ray, first)
        ordered = sorted(introductions, key=lambda introduction: introduction is not first)
        yield [RayDesk(ray, introductions[introduction]) for introduction in ordered]
    finally:
        actors.close()
