"""Conduct a worker and a checker through a suite: problem + submission -> report."""

from __future__ import annotations

import base64
import marshal
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.frames import Allowance, Header
from torch_judge.model.errors import BankError, JudgeError, WireError
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer, required_layers
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import MOST_FLAGS, CaseResult, ErrorMap, Flag, Report, Verdict, gravest
from torch_judge.model.sanitize import LONGEST_OUTPUT, TextBudget, one_line, plain
from torch_judge.model.submission import Submission

from .counterexample import Workers, find_counterexample, is_worth_one
from .diagnosis import SECONDS as SECONDS_TO_DIAGNOSE
from .diagnosis import Symptoms, diagnose

SECONDS_TO_PREPARE = 60.0
SEEDS = 2**32
LONGEST_NAME = 4096
LARGE_BODY = 1 << 20
ROOM_FOR_MESSAGES = ROOM_FOR_OUTPUT = 80 << 10
"""What all cases together may take of a report, as JSON."""
TIMES_TO_LOAD = 2.0
"""What a submission imports may take longer than a case."""
_FROM_A_WORKER = {
    Verdict.WRONG_ANSWER,
    Verdict.RUN_TIME_ERROR,
    Verdict.MEMORY_LIMIT_EXCEEDED,
    Verdict.RULE_VIOLATION,
}
_FROM_LOADING = (_FROM_A_WORKER | {Verdict.COMPILE_ERROR}) - {Verdict.WRONG_ANSWER}
OnCase = Callable[[CaseResult], None]
OnSuite = Callable[[Sequence[CaseResult]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the loading of a submission, or of one case in the worker."""

    verdict: Verdict | None
    message: str = ""
    observation: Any = None
    body: bytes = b""
    lost: bool = False
    """The worker cannot be used any more."""


@dataclass(frozen=True, slots=True)
class Check:
    """One run of a submission through a suite."""

    problem: Problem
    submission: Submission
    seed: int
    shuffled: bool = False
    required: frozenset[Layer] = frozenset()
    counterexample: bool = True
    seconds_to_diagnose: float = SECONDS_TO_DIAGNOSE

    @property
    def name(self) -> str:
        """Return what the submission is called: the learner's words, so they are cleaned."""
        return one_line(self.submission.name, longest=LONGEST_NAME)


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
    `shuffled` runs the cases in another order. Where a layer of the sandbox is missing that is `required`, by default
    by $TORCH_JUDGE_REQUIRE_ISOLATION, nothing is run.
    `counterexample` looks for the smallest one after a failure, which takes up to a second. With `seconds_to_diagnose` 0
    no mistake is named.
    """
    if required is None:
        required = required_layers(os.environ.get(REQUIRE_VARIABLE, ""))
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    check = Check(problem, submission, seed, shuffled, required, counterexample, seconds_to_diagnose)
    started = time.monotonic()
    try:
        report = Conductor(check, server, on_case, on_suite).report()
    except (JudgeError, BankError, HungUp, OutOfTime, WireError) as error:
        report = stopped(check, Verdict.JUDGE_ERROR, str(error) or "the checker did not answer")
    return replace(report, elapsed_seconds=round(time.monotonic() - started, 6))


def stopped(check: Check, verdict: Verdict, message: str) -> Report:
    """Return the report on a submission that reached no case."""
    return Report(check.problem.slug, check.name, verdict, check.seed, 0.0, (), (), plain(message))


class Conductor:
    """Takes one submission through a suite: a worker runs it, a checker compares."""

    def __init__(
        self, check: Check, server: ForkServer, on_case: OnCase | None, on_suite: OnSuite | None = None
    ) -> None:
        self._check, self._server = check, server
        self._on_case, self._on_suite = on_case or (lambda _result: None), on_suite or (lambda _cases: None)
        self._limits = check.problem.limits
        self._left = self._limits.seconds_in_all
        self._allowance = Allowance()
        self._worker: Child | None = None
        self._dying = False
        self._known: dict[str, Any] = {}  # what every report on this submission says, wherever it stops
        self._messages, self._output = TextBudget(ROOM_FOR_MESSAGES), TextBudget(ROOM_FOR_OUTPUT)
        self._sentences: dict[str, str] = {}
        self._raised: dict[str, str] = {}

    def report(self) -> Report:
        """Judge the submission under the seed of its check."""
        if self._check.submission.fault:
            return stopped(self._check, Verdict.COMPILE_ERROR, self._check.submission.fault)
        try:
            fault = self._start_worker()
            with self._server.child("checker", self._confinement()) as checker:
                tell(checker, checker_job(self._check))
                loaded = Outcome(Verdict.JUDGE_ERROR, fault) if fault else self._load()
                cases = self._suite(checker)
                if loaded.verdict is not None:
                    return replace(stopped(self._check, loaded.verdict, loaded.message), **self._known)
                self._on_suite(cases)
                results = tuple(self._results(checker, cases))
        finally:
            self._end_worker()
        verdict = gravest(each.verdict for each in results)
        return replace(stopped(self._check, verdict, ""), cases=results, **self._known)

    # --- the worker ---

    def _start_worker(self) -> str | None:
        """Start a worker and send it the job; return why it cannot be used, None if it can."""
        self._worker = self._server.start("worker", self._confinement())
        try:
            header, body = _worker_job(self._check)
            self._worker.send(header, body, deadline=time.monotonic() + SECONDS_TO_PREPARE)
        except (HungUp, OutOfTime):
            return self._why_down()
        return None

    def _confinement(self) -> Confinement:
        """Return how both children are shut in: the bank's cases are not to be trusted with the machine either."""
        problem = self._check.problem
        return Confinement(
            bank=str(problem.bank),
            packages=_forbidden_packages(problem),
            operators=_forbidden_operators(problem),
            memory_mib=self._limits.memory_mib,
            seconds=self._limits.seconds_in_all,
            required=tuple(sorted(self._check.required)),
        )

    def _load(self) -> Outcome:
        """Wait until the worker is up, which is our business, and has loaded, which is the submission's."""
        assert self._worker is not None  # noqa: S101 - for the type checker
        try:
            up, _ = self._worker.receive(deadline=time.monotonic() + SECONDS_TO_PREPARE)
        except (HungUp, OutOfTime, WireError):
            return Outcome(Verdict.JUDGE_ERROR, self._why_down())
        self._known = {"isolation": tuple(up["layers"]), "isolation_missing": up["missing"]}
        outcome = self._answer(_read, patience=TIMES_TO_LOAD)
        if outcome.verdict is None:
            self._known["flags"] = outcome.observation
            outcome = self._answer(_loaded, patience=TIMES_TO_LOAD)
        if outcome.verdict is not None:
            self._end_worker()
        return outcome

    def _why_down(self) -> str:
        assert self._worker is not None  # noqa: S101 - for the type checker
        said = self._worker.printed().strip()
        self._end_worker()
        return f"the worker could not start: {said or 'no reason given'}"

    def _answer(self, read: Callable[[Header, bytes], Outcome], *, patience: float = 1.0) -> Outcome:
        """Wait for what the worker was asked; whatever goes wrong is the submission's fault."""
        assert self._worker is not None  # noqa: S101 - for the type checker
        started = time.monotonic()
        deadline = started + min(self._limits.seconds_per_case * patience, self._left)
        try:
            header, body = self._worker.receive(deadline=deadline, allowance=self._allowance)
            return read(header, body)
        except OutOfTime:
            return Outcome(
                Verdict.TIME_LIMIT_EXCEEDED, f"no answer after {deadline - started:.3g} seconds", lost=True
            )
        except HungUp:
            return self._post_mortem()
        except WireError as error:
            return Outcome(
                Verdict.RUN_TIME_ERROR, f"the submission disturbed its channel: {error}", lost=True
            )
        finally:
            self._left -= time.monotonic() - started

    def _post_mortem(self) -> Outcome:
        assert self._worker is not None  # noqa: S101 - for the type checker
        status = self._worker.end(grace=0.5)
        verdict, message = _died(status)
        if self._worker.why_killed:
            verdict, message = Verdict.RUN_TIME_ERROR, f"the process was ended: {self._worker.why_killed}"
        return Outcome(verdict, message, lost=True)

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    # --- the cases ---

    def _suite(self, checker: Child) -> tuple[CaseResult, ...]:
        """Receive the list of cases, each not yet run."""
        match _hear(checker):
            case {"broken": str(why)}:
                raise JudgeError(why)
            case {"cases": [_, *_] as cases} if all(_is_case(each) for each in cases):
                self._sentences = {each["name"]: each["sentence"] for each in cases}
                return tuple(
                    CaseResult(each["name"], each["title"], Verdict.JUDGE_ERROR, "not run") for each in cases
                )
        raise JudgeError("the checker sent no list of cases")

    def _results(self, checker: Child, cases: Sequence[CaseResult]) -> Iterator[CaseResult]:
        """Run the cases one by one; while the checker compares one, the worker runs the next."""
        order = list(cases)
        if self._check.shuffled:
            random.Random(self._check.seed).shuffle(order)  # noqa: S311 - an order, not a secret
        judged: dict[str, CaseResult] = {}
        comparing: CaseResult | None = None
        self._ask(order[0])
        for case, following in zip(order, [*order[1:], None], strict=True):
            outcome, result = self._run(case)
            if following is not None:
                self._ask(following)  # the worker need not wait for the checker
            if comparing is not None:
                judged[comparing.name] = self._decide(checker, comparing)
                comparing = None
            if outcome.verdict is None and len(outcome.body) > LARGE_BODY:
                judged[case.name] = self._compared_at_its_cost(checker, result, outcome)
            elif outcome.verdict is None:
                self._hand_over(checker, case, outcome)
                comparing = result
            else:
                self._raised[case.name] = outcome.message
                judged[case.name] = self._said(
                    replace(result, verdict=outcome.verdict, message=self._message(case, outcome))
                )
        if self._worker is not None and not self._wants_an_example(judged):
            self._worker.kill()  # a process takes its time to die; meanwhile the checker compares
            self._dying = True
        if comparing is not None:
            judged[comparing.name] = self._decide(checker, comparing)
        self._known |= self._extras(checker, {each.name: judged[each.name] for each in order})
        checker.kill()
        return iter([judged[case.name] for case in cases])

    def _extras(self, checker: Child, judged: Mapping[str, CaseResult]) -> dict[str, Any]:
        """Say what else there is to say about a failure; `judged` is in the order in which the cases ran."""
        problem, seconds = self._check.problem, self._check.seconds_to_diagnose
        found = diagnose(problem, checker, Symptoms(judged, self._raised, self._check.seed), seconds=seconds)
        extras: dict[str, Any] = {"diagnosis": found.diagnosis, "explanations": found.explanations}
        if self._wants_an_example(judged):
            extras["counterexample"] = find_counterexample(checker, self._workers())
        return extras

    def _wants_an_example(self, judged: Mapping[str, CaseResult]) -> bool:
        return self._check.counterexample and is_worth_one(each.verdict for each in judged.values())

    def _workers(self) -> Workers:
        alive = None if self._dying else self._worker
        return Workers(
            alive,
            partial(self._server.start, "worker", self._confinement()),
            _worker_job(self._check),
            self._server.method == "fork",
        )

    def _run(self, case: CaseResult) -> tuple[Outcome, CaseResult]:
        """Run one case in the worker, in a new one if the last one is gone."""
        if self._left <= 0:
            seconds = self._limits.seconds_in_all
            return Outcome(
                Verdict.TIME_LIMIT_EXCEEDED,
                f"not run: the submission had used up its {seconds:g} seconds in all",
            ), case
        started = time.monotonic()
        outcome = Outcome(None)
        if self._worker is None:
            left = self._left
            fault = self._start_worker()
            outcome = Outcome(Verdict.JUDGE_ERROR, fault) if fault else self._load()
            self._left = left - (time.monotonic() - started)  # whoever breaks a worker waits for the next one
            if outcome.verdict is None:
                self._ask(case)
        if outcome.verdict is None:
            assert self._worker is not None  # noqa: S101 - for the type checker
            outcome = self._answer(partial(_observed, case.name))
            printed = self._output.take(plain(self._worker.printed(), longest=LONGEST_OUTPUT))
            if outcome.lost:
                self._end_worker()
        else:
            printed = ""
        return outcome, replace(case, seconds=round(time.monotonic() - started, 6), stdout=printed)

    def _ask(self, case: CaseResult) -> None:
        """Have the worker, if there is one, run a case; `_answer` waits for what comes of it."""
        if self._worker is not None:
            self._worker.printed()
            with suppress(HungUp, OutOfTime):  # whoever waits for the answer finds out
                self._worker.send(
                    {"case": case.name, "seed": self._check.seed},
                    deadline=time.monotonic() + self._limits.seconds_per_case,
                )

    def _hand_over(self, checker: Child, case: CaseResult, outcome: Outcome) -> None:
        """Have the checker compare an observation; `_decide` waits for what comes of it."""
        tell(
            checker,
            {"case": case.name, "seed": self._check.seed, "observation": outcome.observation},
            outcome.body,
        )

    def _compared_at_its_cost(self, checker: Child, result: CaseResult, outcome: Outcome) -> CaseResult:
        """Have a large observation compared; the time that this takes is the submission's too."""
        started = time.monotonic()
        self._hand_over(checker, result, outcome)
        decided = self._decide(checker, result)
        self._left -= time.monotonic() - started
        return decided

    def _decide(self, checker: Child, result: CaseResult) -> CaseResult:
        """Receive the checker's verdict on what it is comparing."""
        header = _hear(checker)
        match header:
            case {"case": name, "verdict": str(verdict), "message": str(message)} if (
                name == result.name and verdict in list(Verdict)
            ):
                text = self._messages.take(plain(message))
                return self._said(
                    replace(result, verdict=Verdict(verdict), message=text, picture=_picture(header))
                )
        raise JudgeError(f"the checker sent no verdict on {result.name}")

    def _message(self, case: CaseResult, outcome: Outcome) -> str:
        sentence = f"{self._sentences[case.name]}\n" if outcome.verdict is Verdict.WRONG_ANSWER else ""
        return self._messages.take(sentence + plain(outcome.message))

    def _said(self, result: CaseResult) -> CaseResult:
        self._on_case(result)
        return result


def _died(status: int | None) -> tuple[Verdict, str]:
    """Say what a worker's exit status means; None is one that we had to kill."""
    if status is None:
        return Verdict.RUN_TIME_ERROR, "the submission closed the judge's channel"
    if sys.platform != "win32" and status == -signal.SIGKILL:
        return (
            Verdict.MEMORY_LIMIT_EXCEEDED,
            "the process was killed, as the system does when memory runs out",
        )
    if sys.platform != "win32" and status == -signal.SIGXCPU:
        return Verdict.TIME_LIMIT_EXCEEDED, "the process used up its processor time"
    if status < 0:
        return Verdict.RUN_TIME_ERROR, f"the process crashed: {_signal_name(-status)}"
    return Verdict.RUN_TIME_ERROR, f"the process ended itself before it had answered (exit status {status})"


def tell(checker: Child, header: Header, body: bytes = b"") -> None:
    """Send a checker something; `_hear` finds out if it is not there any more."""
    with suppress(HungUp):
        checker.send(header, body, deadline=time.monotonic() + SECONDS_TO_PREPARE)


def _read(header: Header, _body: bytes) -> Outcome:
    match header:
        case {"flags": list(flags)} if len(flags) <= MOST_FLAGS:
            return Outcome(None, observation=tuple(_flag(each) for each in flags))
    raise WireError("a frame that no worker wrote")


def _flag(flag: Any) -> Flag:
    match flag:
        case [str(sign), str(says), int(line), str(file), str(text)]:
            return Flag(one_line(sign), one_line(says), line, one_line(file), one_line(text))
    raise WireError("a flag that no worker wrote")


def _hear(checker: Child) -> Header:
    """Receive from the checker, whose failure is never the submission's."""
    try:
        return checker.receive(deadline=time.monotonic() + SECONDS_TO_PREPARE)[0]
    except HungUp:
        raise JudgeError(f"the checker ended: {checker.printed().strip() or 'it gave no reason'}") from None
    except OutOfTime:
        raise JudgeError(f"the jury solution gave no answer within {SECONDS_TO_PREPARE:g} seconds") from None


def _picture(header: Header) -> ErrorMap | None:
    match header:
        case {"picture": {"where": str(where), "shape": list(), "wrong": int(), "grid": list()} as fields}:
            return ErrorMap.from_fields({**fields, "where": one_line(where)})
    return None


def _is_case(facts: Any) -> bool:
    return isinstance(facts, dict) and all(
        isinstance(facts.get(key), str) for key in ("name", "title", "sentence")
    )


def _loaded(header: Header, _body: bytes) -> Outcome:
    match header:
        case {"loaded": True}:
            return Outcome(None)
        case {"loaded": False, "verdict": str(verdict), "message": str(message)} if verdict in _FROM_LOADING:
            return Outcome(Verdict(verdict), message)
    raise WireError("a frame that no worker wrote")


def _observed(asked: str, header: Header, body: bytes) -> Outcome:
    match header:
        case {"case": name, "verdict": None, "observation": list(observation)} if name == asked:
            return Outcome(None, "", observation, body)
        case {"case": name, "verdict": str(verdict), "message": str(message)} if (
            name == asked and verdict in _FROM_A_WORKER
        ):
            return Outcome(Verdict(verdict), message)
    raise WireError("a frame that no worker wrote")


def _signal_name(number: int) -> str:
    return (
        signal.Signals(number).name
        if number in {each.value for each in signal.Signals}
        else f"signal {number}"
    )


@lru_cache(maxsize=64)
def compiled_text(text: str, folder: Path, name: str) -> str:
    """Compile a file of the bank, which is not run here, so that neither worker nor checker has to."""
    try:
        code = compile(text, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise JudgeError(f"{folder / name}:{getattr(error, 'lineno', 0)}: {error.args[0]}") from None
    return base64.b64encode(marshal.dumps(code)).decode()


def _forbidden_operators(problem: Problem) -> tuple[str, ...]:
    return problem.forbidden if problem.framework is Framework.TORCH else ()


def _forbidden_packages(problem: Problem) -> tuple[str, ...]:
    return problem.forbidden if problem.framework is Framework.NUMPY else ()


def _worker_job(check: Check) -> tuple[Header, bytes]:
    problem, submission = check.problem, check.submission
    header = {
        "seed": check.seed,
        "cases": compiled_text(problem.cases, problem.folder, "cases.py"),
        "starter": problem.starter,
        "entry_point": problem.entry_point,
        "forbidden": _forbidden_operators(problem),
        "packages": _forbidden_packages(problem),
        "forbidden_rule": problem.forbidden_rule,
        "submission": {
            "name": submission.name,
            "cells": [[cell.name, cell.source] for cell in submission.cells],
            "notebook": submission.notebook,
            "modules": {name: list(asdict(each).values()) for name, each in submission.modules.items()},
        },
    }
    return header, submission.pickled or b""


def checker_job(check: Check) -> Header:
    """Return what a checker is told first: the suite, the jury solution and the seed."""
    problem = check.problem
    return {
        "seed": check.seed,
        "cases": compiled_text(problem.cases, problem.folder, "cases.py"),
        "solution": compiled_text(problem.solution, problem.folder, "solution.py"),
        "folder": str(problem.folder),
        "entry_point": problem.entry_point,
    }
