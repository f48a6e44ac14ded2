"""What judges the answers of `run`: this machine, or a judge elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from torch_judge.learning.history import find_folder
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission

from .output import caution, display_solved

if TYPE_CHECKING:
    from torch_judge.execution.forkserver.client import ForkServer
    from torch_judge.model.isolation import Layer
    from torch_judge.model.report import Report
    from torch_judge.service.client import Remote, RemoteProblem


@dataclass(frozen=True, slots=True)
class Here:
    """What judges on this machine: a problem of a bank, a warm server, one seed for all."""

    problem: Problem
    server: ForkServer
    seed: int
    required: frozenset[Layer]

    @property
    def entry_point(self) -> str:
        """Return the name of what is judged."""
        return self.problem.entry_point

    def judge_all(self, submissions: Sequence[Submission], *, examples: bool) -> Generator[Report]:
        """Judge one submission, or several side by side, and yield their reports in order."""
        if len(submissions) > 1:
            yield from _judge_side_by_side(
                self.problem, submissions, self.server, self.seed, self.required, examples=examples
            )
            return
        from torch_judge.judging.judge import judge

        for submission in submissions:
            yield judge(
                self.problem,
                submission,
                server=self.server,
                seed=self.seed,
                required=self.required,
                counterexample=examples,
            )

    def keep_each(self, reports: Iterable[Report], submissions: Sequence[Submission]) -> Iterator[Report]:
        """Keep each report in the learner's history."""
        return _keep_each(reports, submissions, self.problem)


def open_here(stack: ExitStack, problem: Problem, seed: int | None, required: frozenset[Layer]) -> Here:
    """Start what judges here; it imports torch while the files are read."""
    from torch_judge.execution.forkserver.client import ForkServer
    from torch_judge.judging.judge import SEEDS

    server = stack.enter_context(ForkServer(problem.framework))
    server.warm_up()
    return Here(problem, server, secrets.randbelow(SEEDS) if seed is None else seed, required)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What judges at a server, which keeps the history too."""

    remote: Remote
    problem: RemoteProblem
    seed: int | None

    @property
    def entry_point(self) -> str:
        """Return the name of what is judged."""
        return self.problem.entry_point

    def judge_all(self, submissions: Sequence[Submission], *, examples: bool) -> Generator[Report]:  # noqa: ARG002 - the server decides
        """Have submissions judged one after another, as fast as the server lets us."""
        for submission in submissions:
            yield self.remote.judge(
                self.problem.slug, submission, seed=self.seed, is_patient=len(submissions) > 1
            )


def open_elsewhere(address: str, problem: str, seed: int | None, *, allow_http: bool) -> Elsewhere:
    """Connect to a judge elsewhere, and ask it for the problem."""
    from torch_judge.service.client import connect

    remote = connect(address, folder=find_folder(), allow_http=allow_http)
    return Elsewhere(remote, remote.find_problem(problem), seed)


def _judge_side_by_side(
    problem: Problem,
    submissions: Sequence[Submission],
    server: ForkServer,
    seed: int,
    required: frozenset[Layer],
    *,
    examples: bool,
) -> Generator[Report]:
    """Judge several submissions at a time, and yield their reports in order."""
    from torch_judge.grading.engine import judge_submission
    from torch_judge.judging.pool import JudgePool

    diagnosing = True
    jobs = [partial(judge_submission, submission, seed, diagnosing, examples) for submission in submissions]
    early: dict[int, Report] = {}
    following = 0
    with JudgePool(server=server, required=required) as pool:
        for number, report in pool.stream(problem, jobs):
            early[number] = report
            while following in early:
                yield early.pop(following)
                following += 1


def _keep_each(
    reports: Iterable[Report], submissions: Sequence[Submission], problem: Problem
) -> Iterator[Report]:
    """Keep each report in the learner's history, once it is shown: a verdict need not wait for the disk."""
    from torch_judge.learning.history import record

    for submission, report in zip(submissions, reports, strict=True):
        yield report
        caution(record(problem, submission, report))
        display_solved(problem, report)
