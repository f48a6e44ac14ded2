"""Judge many submissions to one problem under many seeds: one checker stays, and each submission has one worker.

What a submission may do and what its verdicts mean is what `judge` says; only the order of the work differs.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.frames import Allowance
from torch_judge.model.errors import BankError, JudgeError, WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Counterexample, Report, Verdict, gravest
from torch_judge.model.sanitize import TextBudget
from torch_judge.model.submission import Submission

from .counterexample import find_counterexample
from .diagnosis import Symptoms, diagnose
from .judge import (
    LARGE_BODY,
    ROOM_FOR_MESSAGES,
    ROOM_FOR_OUTPUT,
    Check,
    Conductor,
    checker_job,
    stopped,
    tell,
)
from .signatures import Gotcha

SECONDS_OF_A_CHECKER = 3600.0
CASES_AHEAD = 8
"""How many cases a worker is asked for before the first is answered, and how many observations wait to be compared."""
CALLS_IN_THE_SMALL = 60
SECONDS_TO_EXAMINE = 60.0
_UNHARMED = Submission("")


class BatchJudge(Conductor):
    """A problem, a warm server and a checker that stays; a context manager."""

    def __init__(self, problem: Problem, server: ForkServer) -> None:
        super().__init__(Check(problem, _UNHARMED, 0), server, None)
        self._checker: Child | None = None
        self.cases: tuple[CaseResult, ...] = ()

    @property
    def problem(self) -> Problem:
        """Return the problem that is judged here."""
        return self._check.problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_checker()

    def reports(
        self,
        submission: Submission,
        seeds: Iterable[int],
        *,
        until_rejected: bool = False,
        later_cases: Collection[str] | None = None,
        seconds_per_case: float = math.inf,
        seconds_to_diagnose: float = 0.0,
        in_the_small: bool = False,
    ) -> tuple[Report, ...]:
        """Judge a submission under each seed: under the first as `judge` does, then each time in another order of cases.

        One report is all there is if it cannot be loaded. `until_rejected` stops at the first case that fails.
        With `later_cases`, only those of them that failed so far are asked under the later seeds. A case may take
        `seconds_per_case` if that is less than the problem's own limit. The first report names the mistake if there
        are `seconds_to_diagnose`. The last shows a small difference from the jury, if it is looked for `in_the_small`
        and there is one: of a right submission there must be none.
        """
        limits = self._check.problem.limits
        self._limits = replace(limits, seconds_per_case=min(limits.seconds_per_case, seconds_per_case))
        reports: list[Report] = []
        try:
            for n, seed in enumerate(seeds):
                self._check = replace(self._check, submission=submission, seed=seed, shuffled=n > 0)
                self._refill()
                self._forget()
                asked = (
                    None
                    if later_cases is None or not reports
                    else self._still_rejecting(reports[-1], later_cases)
                )
                if asked == []:
                    break
                reports.append(self._report(asked, until_rejected=until_rejected))
                if seconds_to_diagnose and n == 0:
                    reports[0] = self._diagnosed(reports[0], seconds_to_diagnose)
                if not reports[-1].cases or (until_rejected and not reports[-1].passed):
                    break
            if in_the_small and self._worker is not None:
                reports[-1] = replace(reports[-1], counterexample=self._small_difference())
        except (JudgeError, BankError, HungUp, OutOfTime, WireError) as error:
            self._end_checker()  # whatever it was, the next submission gets a new one
            reports.append(
                stopped(self._check, Verdict.JUDGE_ERROR, str(error) or "the checker did not answer")
            )
        finally:
            self._end_worker()
        return tuple(reports)

    def doubtful(self, sample: Gotcha, seeds: Sequence[int]) -> list[int]:
        """Run a sample of the bank's beside the jury solution, in the checker, and return the seeds under which they differ.

        Where it differs, or cannot be run there, `reports` has the last word. It is the quicker way to many seeds: nothing
        travels. Only what the bank itself holds may be run so.
        """
        try:
            return [seed for seed in seeds if self._differs(sample, seed)]
        except (JudgeError, BankError, HungUp, OutOfTime, WireError, SyntaxError, ValueError):
            self._end_checker()
            return list(seeds)

    def _differs(self, sample: Gotcha, seed: int) -> bool:
        checker = self._start_checker()
        names = [each.name for each in self.cases]
        order = random.Random(seed).sample(names, len(names))  # noqa: S311 - an order, not a secret
        tell(
            checker,
            {"examine": sample.name, "code": sample.code, "order": order, "alone": False, "seed": seed},
        )
        match checker.receive(deadline=time.monotonic() + SECONDS_TO_EXAMINE)[0]:
            case {"examined": {"fails": []}}:
                return False
        return True

    def _report(self, asked: Sequence[CaseResult] | None, *, until_rejected: bool) -> Report:
        checker = self._start_checker()
        if self._check.submission.fault:
            return stopped(self._check, Verdict.COMPILE_ERROR, self._check.submission.fault)
        if self._worker is None:
            if fault := self._start_worker():
                raise JudgeError(fault)
            loaded = self._load()
            if loaded.verdict is not None:
                return stopped(self._check, loaded.verdict, loaded.message)
        results = self._round(checker, self.cases if asked is None else asked, until_rejected=until_rejected)
        return replace(stopped(self._check, gravest(each.verdict for each in results), ""), cases=results)

    def _round(
        self, checker: Child, cases: Sequence[CaseResult], *, until_rejected: bool
    ) -> tuple[CaseResult, ...]:
        """Run the suite once; worker and checker each work through what was asked ahead."""
        order = list(cases)
        if self._check.shuffled:
            random.Random(self._check.seed).shuffle(order)  # noqa: S311 - an order, not a secret
        ahead = 1 if until_rejected else CASES_AHEAD
        judged: dict[str, CaseResult] = {}
        compared: deque[CaseResult] = deque()
        asked = 0
        for n, case in enumerate(order):
            if self._worker is None:
                asked = n + 1  # `_run` starts a new one, and asks it for this case
            while self._worker is not None and asked < min(n + 1 + ahead, len(order)):
                self._ask(order[asked])
                asked += 1
            outcome, result = self._run(case)
            if outcome.verdict is not None:
                self._raised[case.name] = outcome.message
                judged[case.name] = replace(
                    result, verdict=outcome.verdict, message=self._message(case, outcome)
                )
            elif len(outcome.body) > LARGE_BODY:
                judged |= self._decided(checker, compared, left=0)
                judged[case.name] = self._compared_at_its_cost(checker, result, outcome)
            else:
                self._hand_over(checker, case, outcome)
                compared.append(result)
            judged |= self._decided(checker, compared, left=ahead)
            if until_rejected and any(not each.passed for each in judged.values()):
                break
        judged |= self._decided(checker, compared, left=0)  # all of it, so that the checker stays in step
        return tuple(judged[case.name] for case in self.cases if case.name in judged)

    def _decided(self, checker: Child, compared: deque[CaseResult], *, left: int) -> dict[str, CaseResult]:
        """Receive what the checker says, until it has no more than so many left to compare."""
        decided = [self._decide(checker, compared.popleft()) for _ in range(len(compared) - left)]
        return {each.name: each for each in decided}

    def _diagnosed(self, report: Report, seconds: float) -> Report:
        """Name the mistake, as `judge` would."""
        symptoms = Symptoms({each.name: each for each in report.cases}, self._raised, report.seed)
        started = time.monotonic()
        found = diagnose(self.problem, self._start_checker(), symptoms, seconds=seconds)
        if time.monotonic() - started > seconds:
            self._end_checker()  # it may still be busy with the question
        return replace(report, diagnosis=found.diagnosis, explanations=found.explanations)

    def _small_difference(self) -> Counterexample | None:
        """Look for small inputs on which the submission and the jury differ, with a checker that a search may leave out of step."""
        with self._server.child("checker", self._confinement()) as checker:
            tell(checker, checker_job(self._check))
            self._suite(checker)
            return find_counterexample(checker, self._workers(), calls=CALLS_IN_THE_SMALL)

    def _forget(self) -> None:
        """Have the checker drop what it kept for a diagnosis, and drop it here."""
        self._raised.clear()
        if self._checker is not None:
            tell(self._checker, {"forget": True})

    def _still_rejecting(self, report: Report, wanted: Collection[str]) -> list[CaseResult]:
        """Return the wanted cases that failed."""
        failed = {each.name for each in report.cases if not each.passed}
        return [each for each in self.cases if each.name in failed & set(wanted)]

    def _refill(self) -> None:
        """Give the submission what it may use in one check."""
        if self._left <= 0:
            self._end_worker()  # it has not yet answered all that it was asked
        self._left = self._limits.seconds_in_all
        self._allowance = Allowance()
        self._messages, self._output = TextBudget(ROOM_FOR_MESSAGES), TextBudget(ROOM_FOR_OUTPUT)

    def _start_checker(self) -> Child:
        """Return the checker; start one if there is none."""
        if self._checker is not None:
            return self._checker
        self._checker = self._server.start(
            "checker", replace(super()._confinement(), seconds=SECONDS_OF_A_CHECKER)
        )
        tell(self._checker, checker_job(self._check))
        self.cases = self._suite(self._checker)
        return self._checker

    def _end_checker(self) -> None:
        if self._checker is not None:
            self._checker.end()
            self._checker = None

    def _confinement(self) -> Confinement:
        """Let a worker that is asked for many seeds compute for so much longer."""
        return replace(super()._confinement(), seconds=SECONDS_OF_A_CHECKER)
