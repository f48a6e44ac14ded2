"""Conduct a worker and a checker through a suite: problem + submission -> report."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.errors import BankError, JudgeError, WireError
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer, required_layers
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Report, Verdict, gravest
from torch_judge.model.submission import Submission

from .checker_session import CheckerSession, open_checker
from .counterexample import find_counterexample, is_worth_one
from .diagnosis import SECONDS as SECONDS_TO_DIAGNOSE
from .diagnosis import diagnose
from .jobs import Check, assign_cases, make_checker_job, make_confinement
from .results import OnCase, Results, list_cases, report_of
from .round import Round
from .starter import recognise_starter
from .worker_session import Budget, WorkerSession

SEEDS: Final = 2**32
OnSuite = Callable[[Sequence[CaseResult]], None]


@dataclass(frozen=True, slots=True)
class Extras:
    """What to look for besides the verdicts, and whom to tell of what was decided."""

    counterexample: bool
    seconds_to_diagnose: float
    on_suite: OnSuite | None
    on_case: OnCase | None


def judge(
    problem: Problem,
    submission: Submission,
    *,
    server: ForkServer,
    seed: int | None = None,
    shuffled: bool = False,
    required: frozenset[Layer] | None = None,
    on_suite: OnSuite | None = None,
    on_case: OnCase | None = None,
    counterexample: bool = True,
    seconds_to_diagnose: float = SECONDS_TO_DIAGNOSE,
) -> Report:
    """Judge a submission and return the report; a bug of ours or of the bank's is a judge error in it.

    `on_suite` is called with all cases before the first is run, `on_case` with each result as it is decided.
    `shuffled` runs the cases in another order. Where a layer of the sandbox is missing that is `required`, by
    default by $TORCH_JUDGE_REQUIRE_ISOLATION, nothing is run.
    `counterexample` looks for the smallest one after a failure, which takes up to a second. With
    `seconds_to_diagnose` 0 no mistake is named.
    """
    if required is None:
        required = require_by_default()
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    check = Check(problem, submission, seed, shuffled, required)
    extras = Extras(counterexample, seconds_to_diagnose, on_suite, on_case)
    started = time.monotonic()
    try:
        sources = (cell.source for cell in submission.cells)
        report = recognise_starter(problem, sources, _judge(check, server, extras))
    except (JudgeError, BankError, HungUp, OutOfTime, WireError) as error:
        report = report_of(check, Verdict.JUDGE_ERROR, str(error) or "the checker did not answer")
    return replace(report, elapsed_seconds=round(time.monotonic() - started, 6))


def require_by_default() -> frozenset[Layer]:
    """Read which layers of the sandbox a user requires of every check."""
    return required_layers(os.environ.get(REQUIRE_VARIABLE, ""))


def _judge(check: Check, server: ForkServer, extras: Extras) -> Report:
    if check.submission.fault:
        return report_of(check, Verdict.COMPILE_ERROR, check.submission.fault)
    problem = check.problem
    confinement = make_confinement(problem, required=check.required)
    budget = Budget(problem.limits.seconds_per_case, problem.limits.seconds_in_all)
    assignment = assign_cases(check)
    with WorkerSession(server, assignment, confinement, budget) as worker:
        # the worker has more to load: it is started first, and waited for when the checker is started too
        worker.start()
        jury = make_checker_job(problem, seed=check.seed, suite=assignment.preparation.cases)
        with open_checker(server, jury, confinement) as checker:
            fault = worker.load()
            suite = checker.read_suite()  # a broken suite is said even where the submission does not load
            if fault is not None:
                return report_of(check, fault.verdict, fault.message, facts=worker.facts)
            cases = list_cases(suite)
            if extras.on_suite is not None:
                extras.on_suite(cases)
            results = Results(suite, extras.on_case)
            return _Conduct(check, extras, worker, checker, results).report(cases)


@dataclass(frozen=True, slots=True)
class _Conduct:
    """One submission on its way through a suite: a worker runs it, a checker compares."""

    check: Check
    extras: Extras
    worker: WorkerSession
    checker: CheckerSession
    results: Results

    def report(self, cases: Sequence[CaseResult]) -> Report:
        """Run the cases, look for what else there is to say, and report."""
        order = self.check.order(cases)
        round_ = Round(self.worker, self.checker, self.results, self.check.seed)
        round_.run(order, on_last_run=self._let_worker_go)
        symptoms = self.results.describe_symptoms(order, self.check.seed)
        seconds = self.extras.seconds_to_diagnose
        finding = diagnose(self.check.problem, self.checker, symptoms, seconds=seconds)
        wanted = self._wants_an_example()
        example = find_counterexample(self.checker, self.worker) if wanted else None
        self.checker.kill()  # it dies while the worker is ended
        decided = self.results.list_in_order_of(cases)
        return report_of(
            self.check,
            gravest(result.verdict for result in decided),
            cases=decided,
            facts=self.worker.facts,
            finding=finding,
            counterexample=example,
        )

    def _let_worker_go(self) -> None:
        """Have the worker die, which takes a moment, while the checker compares the last case."""
        if not self._wants_an_example():
            self.worker.kill()

    def _wants_an_example(self) -> bool:
        """Tell whether, by what is decided so far, small inputs are to be looked for."""
        decided = self.results.by_name.values()
        return self.extras.counterexample and is_worth_one(result.verdict for result in decided)
