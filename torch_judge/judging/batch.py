"""Judge many submissions to one problem under many seeds: one checker stays, each submission has one worker.

What a submission may do and what its verdicts mean is what `judge` says; only the order of the work differs.
"""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer, Start
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.messages import (
    Broken,
    Examine,
    Examined,
    FaultsTried,
    NothingToSay,
    Preparation,
    Suite,
    TryFaults,
)
from torch_judge.model.errors import BankError, JudgeError, WireError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Limits, Problem
from torch_judge.model.report import Counterexample, Report, Verdict, gravest
from torch_judge.model.submission import Submission

from .checker_session import CheckerSession, open_checker
from .counterexample import MOST_CALLS, find_counterexample, is_worth_one
from .diagnosis import Finding, diagnose
from .jobs import Check, assign_cases, make_checker_job, make_confinement
from .judge import SEEDS, OnSuite, require_by_default
from .results import OnCase, Results, list_cases, report_of
from .round import Round
from .signatures import Gotcha
from .spare import Spare
from .starter import recognise_starter
from .symptoms import Symptoms
from .worker_session import Budget, Fault, WorkerSession

SECONDS_OF_A_PROCESS: Final = 3600.0
"""How long a process may compute: a checker serves many submissions, and a worker many seeds."""
CALLS_IN_THE_SMALL: Final = 60
CASES_IN_TURN: Final = 3
STANDARD_CASES_IN_TURN: Final = 10
"""Of so many cases one is run under a seed beside the jury solution."""
SECONDS_TO_EXAMINE: Final = 60.0
SECONDS_TO_TRY_FAULTS: Final = 600.0
_ERRORS: Final = (JudgeError, BankError, HungUp, OutOfTime, WireError)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a submission is judged under several seeds.

    `until_rejected` stops at the first case that fails. With `later_cases`, only those of them that failed so
    far are asked under the later seeds. A case may take `seconds_per_case` if that is less than the problem's
    limit. The first report names the mistake if there are `seconds_to_diagnose`. The last shows a small
    difference from the jury, if it is looked for `in_the_small` and there is one: of a right submission there
    must be none. With `counterexample` it is looked for after a failure, as `judge` does. `on_suite` and
    `on_case` hear of the cases and of each result, as those of `judge` do.
    """

    until_rejected: bool = False
    later_cases: Collection[str] | None = None
    seconds_per_case: float = math.inf
    seconds_to_diagnose: float = 0.0
    in_the_small: bool = False
    counterexample: bool = False
    on_suite: OnSuite | None = None
    on_case: OnCase | None = None

    def make_budget(self, limits: Limits) -> Budget:
        """Give a submission what it may use under one seed, which is what it may use in one check."""
        return Budget(min(limits.seconds_per_case, self.seconds_per_case), limits.seconds_in_all)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A checker that stays, its suite, and the cases that it was told of, of which a worker runs the same."""

    session: CheckerSession
    suite: Suite
    cases: str


class BatchJudge:
    """A problem, a warm server and a checker that stays; a context manager.

    Nothing is run where a layer of the sandbox is missing that is `required`, by default by
    $TORCH_JUDGE_REQUIRE_ISOLATION.
    With `looks_ahead` it is ready for a submission before there is one: a spare worker waits for that, and
    the checker knows the seed that `draw_seed` will return.
    """

    def __init__(
        self,
        problem: Problem,
        server: ForkServer,
        *,
        required: frozenset[Layer] | None = None,
        looks_ahead: bool = False,
    ) -> None:
        self.problem, self.server = problem, server
        self._required = require_by_default() if required is None else required
        self._looks_ahead = looks_ahead
        self._checker: _Kept | None = None
        self._spare: Spare | None = None
        self._next_seed: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the checker, and what waits; who is asked again starts others."""
        self._end_checker()
        self._end_spare()

    def draw_seed(self) -> int:
        """Draw the seed of the next submission; one that the checker knows is drawn already."""
        seed, self._next_seed = self._next_seed, None
        return secrets.randbelow(SEEDS) if seed is None else seed

    def judge(self, submission: Submission, seed: int, plan: Plan | None = None) -> Report:
        """Judge a submission under one seed and report as `judge` does."""
        started = time.monotonic()
        *_, report = self.reports(submission, [seed], plan)  # an error after the verdict adds one
        report = recognise_starter(self.problem, [cell.source for cell in submission.cells], report)
        return replace(report, elapsed_seconds=round(time.monotonic() - started, 6))

    def reports(
        self, submission: Submission, seeds: Iterable[int], plan: Plan | None = None
    ) -> tuple[Report, ...]:
        """Judge a submission under each seed, from the second on in another order of cases.

        One report is all there is if it cannot be loaded.
        """
        checks = [Check(self.problem, submission, seed, shuffled=n > 0) for n, seed in enumerate(seeds)]
        reports: list[Report] = []
        try:
            self._judge_all(checks, plan or Plan(), reports)
        except _ERRORS as error:
            self._end_checker()  # whatever it was, the next submission gets a new one
            check = checks[min(len(reports), len(checks) - 1)]
            reports.append(report_of(check, Verdict.JUDGE_ERROR, str(error) or "the checker did not answer"))
        except BaseException:  # Ctrl-C in the middle of a question: nothing of this check is left
            self.close()
            raise
        self._expect_another()
        return tuple(reports)

    def is_doubtful(self, sample: Gotcha, seed: int, *, turn: int = 0) -> bool:
        """Run a sample beside the jury solution, in the checker, and tell whether they differ under a seed.

        Where it differs, or cannot be run there, `reports` has the last word. It is the quicker way to many
        seeds: nothing travels, and only a third of the cases are run, of the standard ones, which play
        many scenes each, a tenth: at another `turn` others. Only what the bank itself holds may be run so.
        """
        try:
            return self._differs(sample, seed, turn)
        except (*_ERRORS, SyntaxError, ValueError):
            self._end_checker()
            return True

    def _differs(self, sample: Gotcha, seed: int, turn: int) -> bool:
        kept = self._open_checker(seed=seed)
        checker, suite = kept.session, kept.suite
        names = [
            case.name
            for number, case in enumerate(suite.cases, turn)
            if number % (STANDARD_CASES_IN_TURN if case.standard else CASES_IN_TURN) == 0
        ]
        order = tuple(random.Random(seed).sample(names, len(names)))  # noqa: S311 - an order, not a secret
        text = sample.sample.read_text()
        checker.tell(Examine(sample.name, sample.code, order, alone=False, seed=seed, text=text))
        deadline = time.monotonic() + SECONDS_TO_EXAMINE
        match checker.receive(Examined, NothingToSay, deadline=deadline):
            case Examined(()):
                return False
        return True

    def try_faults(self, seeds: Sequence[int]) -> FaultsTried:
        """Try the jury solution under conditional faults, in a checker of its own.

        Raises JudgeError where that cannot be done.
        """
        with self._start_checker(seed=seeds[0]) as checker:
            checker.read_suite()
            checker.tell(TryFaults(tuple(seeds)))
            deadline = time.monotonic() + SECONDS_TO_TRY_FAULTS
            try:
                match checker.receive(FaultsTried, Broken, deadline=deadline):
                    case FaultsTried() as tried:
                        return tried
                    case Broken(why):
                        raise JudgeError(why)
            except HungUp:
                reason = checker.read_printed() or "it gave no reason"
                raise JudgeError(f"the checker ended under conditional faults: {reason}") from None
            except OutOfTime:
                said = f"conditional faults took more than {SECONDS_TO_TRY_FAULTS:g} seconds"
                raise JudgeError(said) from None
        raise JudgeError("the checker did not say what became of the conditional faults")

    def _judge_all(self, checks: Sequence[Check], plan: Plan, reports: list[Report]) -> None:
        """Judge a submission check by check, with one worker, and add each report when it is there."""
        if not checks:
            return
        confinement = self._confine_worker()
        budget = plan.make_budget(self.problem.limits)
        assignment = assign_cases(checks[0])
        with WorkerSession(self.server, assignment, confinement, budget, self._spare) as worker:
            for check in checks:
                is_last = check is checks[-1]
                report = self._judge_next(check, worker, plan, reports, is_last=is_last)
                if report is None:
                    break
                reports.append(report)
                if not report.cases or (plan.until_rejected and not report.passed):
                    break
            calls = _count_calls(plan, worker, reports[-1])
            if calls:
                example = self._find_small_difference(worker, seed=reports[-1].seed, calls=calls)
                reports[-1] = replace(reports[-1], counterexample=example)

    def _judge_next(
        self, check: Check, worker: WorkerSession, plan: Plan, before: Sequence[Report], *, is_last: bool
    ) -> Report | None:
        """Judge a submission under one more seed; None if no case is left to be asked."""
        if check.submission.fault:
            return report_of(check, Verdict.COMPILE_ERROR, check.submission.fault)
        kept = self._open_checker(seed=check.seed, cases=worker.preparation.cases)
        checker, suite = kept.session, kept.suite
        cases = list_cases(suite)
        if plan.later_cases is not None and before:
            rejecting = {case.name for case in before[-1].cases if not case.passed}
            cases = tuple(case for case in cases if case.name in rejecting & set(plan.later_cases))
            if not cases:
                return None
        checker.forget()
        if self._looks_ahead:
            checker.expect(check.seed)
        if fault := self._load(worker, plan):
            return report_of(check, fault.verdict, fault.message, facts=worker.facts)
        if plan.on_suite is not None:
            plan.on_suite(cases)
        results = Results(suite, plan.on_case)

        def let_worker_go() -> None:
            """Have the worker die, which takes a moment, while the checker compares the last case."""
            if is_last and not _wants_worker(plan, results):
                worker.kill()

        Round(worker, checker, results, check.seed, plan.until_rejected).run(
            check.order(cases),
            on_begun=lambda: self._prepare_another(worker.preparation),
            on_last_run=let_worker_go,
        )
        decided = results.list_in_order_of(cases)
        finding = None
        if plan.seconds_to_diagnose and not before:
            finding = self._diagnose(
                checker, results.describe_symptoms(decided, check.seed), plan.seconds_to_diagnose
            )
        verdict = gravest(result.verdict for result in decided)
        return report_of(check, verdict, cases=decided, facts=worker.facts, finding=finding)

    def _load(self, worker: WorkerSession, plan: Plan) -> Fault | None:
        """Give a worker what it may use under one more seed; start it and load the submission if need be."""
        if worker.budget.seconds_left <= 0:
            worker.end()  # it has not yet answered all that it was asked
        worker.budget = plan.make_budget(self.problem.limits)
        if worker.is_running:
            return None
        worker.start()
        fault = worker.load()
        if fault is not None:
            self._prepare_another(worker.preparation)
        return fault

    def _diagnose(self, checker: CheckerSession, symptoms: Symptoms, seconds: float) -> Finding:
        """Name the mistake, as `judge` would."""
        started = time.monotonic()
        finding = diagnose(self.problem, checker, symptoms, seconds=seconds)
        if time.monotonic() - started > seconds:
            self._end_checker()  # it may still be busy with the question
        return finding

    def _find_small_difference(
        self, worker: WorkerSession, *, seed: int, calls: int
    ) -> Counterexample | None:
        """Look for small inputs on which the submission and the jury differ.

        The checker is one of its own, for a search may leave it in the middle of something.
        """
        with self._start_checker(seed=seed) as checker:
            checker.read_suite()
            return find_counterexample(checker, worker, calls=calls)

    def _prepare_another(self, preparation: Preparation) -> None:
        """Have a worker wait for the next submission, which is most likely to the same problem.

        It is started while another one is at work, and nobody has to wait for it.
        """
        if not self._looks_ahead or self.server.method is not Start.FORK:
            return  # where nothing is forked it takes a second or two
        confinement = self._confine_worker()
        if self._spare is None or not self._spare.fits(preparation, confinement):
            self._end_spare()
            # without one, the next check starts a worker, or says why it cannot
            with suppress(JudgeError, OSError):
                self._spare = Spare(self.server, preparation, confinement)

    def _expect_another(self) -> None:
        """Draw the seed of the next submission, and have the checker make the jury's answers meanwhile."""
        if self._looks_ahead and self._checker is not None:
            self._next_seed = secrets.randbelow(SEEDS)
            self._checker.session.expect(self._next_seed)

    def _confine(self) -> Confinement:
        return make_confinement(self.problem, required=self._required, seconds=SECONDS_OF_A_PROCESS)

    def _confine_worker(self) -> Confinement:
        """Say how a worker is shut in; one that serves a single check may compute as long as in `judge`."""
        if self._looks_ahead:
            return make_confinement(self.problem, required=self._required)
        return self._confine()

    def _start_checker(self, *, seed: int) -> CheckerSession:
        return open_checker(self.server, make_checker_job(self.problem, seed=seed), self._confine())

    def _open_checker(self, *, seed: int, cases: str | None = None) -> _Kept:
        """Return the checker that stays and its suite; start one if there is none, or none any more.

        A new one makes the jury answer under this seed while it is idle. What a worker runs are the `cases`:
        one that was told of others is ended, for an author may edit the file at any moment.
        """
        kept = self._checker
        if kept is not None and (kept.session.is_gone() or cases not in (None, kept.cases)):
            self._end_checker()
        if self._checker is None:
            job = make_checker_job(self.problem, seed=seed, suite=cases)
            checker = open_checker(self.server, job, self._confine())
            try:
                self._checker = _Kept(checker, checker.read_suite(), job.cases)
            except BaseException:
                checker.end()
                raise
        return self._checker

    def _end_checker(self) -> None:
        """End the checker; with its server it has ended already."""
        kept, self._checker = self._checker, None
        if kept is not None:
            with suppress(JudgeError):
                kept.session.end()

    def _end_spare(self) -> None:
        """End the worker that waits for the next submission."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.end()


def _wants_worker(plan: Plan, results: Results) -> bool:
    """Tell whether, by what is decided so far, the worker is asked for more than the cases."""
    verdicts = (result.verdict for result in results.by_name.values())
    return plan.in_the_small or (plan.counterexample and is_worth_one(verdicts))


def _count_calls(plan: Plan, worker: WorkerSession, report: Report) -> int:
    """Count the calls that may be spent on a small difference from the jury; none where it is not wanted."""
    if plan.in_the_small and worker.is_running:
        return CALLS_IN_THE_SMALL
    wanted = plan.counterexample and is_worth_one(case.verdict for case in report.cases)
    return MOST_CALLS if wanted else 0
