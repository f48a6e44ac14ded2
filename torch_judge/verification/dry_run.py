"""Rehearse a suite on the jury solution alone: what a package does that no package may.

Everything here runs in checkers, one case at a time, each with its own deadline.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.messages import (
    Broken,
    CaseFacts,
    Rehearse,
    Rehearsed,
    SpaceTried,
    Suite,
    TrySpace,
    measure_parts,
)
from torch_judge.judging.checker_session import CheckerSession, open_checker
from torch_judge.judging.jobs import make_confinement, make_rehearsal_job
from torch_judge.model.errors import JudgeError
from torch_judge.model.naming import LONGEST_TITLE
from torch_judge.model.problem import Problem

SEEDS = (11, 12, 13)
SECONDS_TO_LOAD = 20.0
SECONDS_IN_ALL = 3600.0
DESCRIBE = "describe"
PATIENCE = 2.0
"""How much longer than a submission the jury solution may take here, where others compute beside it."""
_GENERATORS, _OTHER_GENERATORS = 1234567, 7654321


class Faulty(Exception):  # noqa: N818 - a finding about the bank, not an error of ours
    """A case, or a file, that does not do what every case must; the text says what and what to do."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal found out: what each case did, by name, and what is wrong with the package."""

    observed: Mapping[str, Rehearsed] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()
    has_space: bool = False
    rejects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which samples each case says that it rejects."""
    standard: frozenset[str] = frozenset()
    """The cases that the judge made of the description."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what the parts of an answer are, of the longest that was seen."""
        return max((seen.parts for seen in self.observed.values()), key=measure_parts, default=())

    def find_neglected(self) -> Iterator[str]:
        """Make check 6: some case gives a parameter with a default another value, some case leaves it."""
        for name in next((seen.defaulted for seen in self.observed.values()), ()):
            if not any(name in seen.given for seen in self.observed.values()):
                given = "no case gives it another value than its default"
                yield f"parameter {name}: {given}; add a case that does"
            if not any(name in seen.left for seen in self.observed.values()):
                yield f"parameter {name}: no case leaves it at its default; add a case that does not pass it"


def rehearse(problem: Problem, server: ForkServer) -> Rehearsal:
    """Run every case on the jury solution: twice, with other global generators, and in another order."""
    observed: dict[str, Rehearsed] = {}
    complaints: dict[str, str] = {}
    try:
        with DryRun(problem, server) as run:
            suite = run.suite
            for case in suite.cases:
                with _Note(complaints, case.name):
                    _look_at_title(case)
                    observed[case.name] = run.observe(case.name)
            for name, first in list(observed.items()):
                with _Note(complaints, name):
                    _look_again(run, name, first)
            space = run.try_space()
        # a process of its own, so that nothing is left in it of the first order
        with DryRun(problem, server) as run:
            for name in reversed([name for name in observed if name not in complaints]):
                with _Note(complaints, name):
                    _look_in_another_order(run, name, observed[name])
    except Faulty as fault:
        return Rehearsal(complaints=(str(fault),))
    lines = _find_lines(problem)
    path = problem.folder / "cases.py"
    described = lines.get(DESCRIBE, 1)
    standard = frozenset(case.name for case in suite.cases if case.standard)
    says = [
        f"{path}:{described if name in standard else lines.get(name, 1)}: "
        f"{'standard case' if name in standard else 'case'} {name}: {text}"
        for name, text in complaints.items()
    ]
    says += [f"{path}: the space of small inputs {space}"] if space else []
    rejects = {case.name: case.rejects for case in suite.cases}
    return Rehearsal(observed, tuple(says), has_space=space is not None, rejects=rejects, standard=standard)


class _Note:
    """Notes what is faulty about a case, once; a context manager."""

    def __init__(self, complaints: dict[str, str], name: str) -> None:
        self._complaints, self._name = complaints, name

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(value, Faulty):
            return False
        self._complaints.setdefault(self._name, str(value))
        return True


def _look_at_title(case: CaseFacts) -> None:
    if len(case.title) > LONGEST_TITLE:
        raise Faulty(
            f"has a title of {len(case.title)} characters, {case.title!r}; say it in {LONGEST_TITLE} "
            "at most, by another name of the function or with title="
        )


def _look_again(run: DryRun, name: str, first: Rehearsed) -> None:
    """Run a case once more, then with other seeds of the check and of the global generators."""
    if difference := run.observe(name, like=first).difference:
        raise Faulty(
            f"gives another answer when it is run again ({difference}): something in cases.py or solution.py "
            "remembers earlier calls, or it depends on the clock; make all state inside the case"
        )
    if difference := run.observe(name, like=first, generators=_OTHER_GENERATORS).difference:
        raise Faulty(
            f"depends on the global generators of torch, numpy or random ({difference}): draw every number "
            "from the rng that the case is given, and give what a constructor draws other values"
        )
    for seed in SEEDS[1:]:
        run.observe(name, seed=seed)


def _look_in_another_order(run: DryRun, name: str, first: Rehearsed) -> None:
    try:
        difference = run.observe(name, like=first).difference
    except Faulty as fault:
        raise Faulty(
            f"depends on the order of the cases: when those after it run first, it {fault}"
        ) from None
    if difference:
        raise Faulty(
            "depends on the order of the cases: it gives another answer when those after it run first "
            f"({difference}); a case must leave nothing behind in cases.py or solution.py, "
            "and find nothing there"
        )


class DryRun:
    """A checker that tries a suite on the jury solution; one that hangs or ends is replaced."""

    def __init__(self, problem: Problem, server: ForkServer) -> None:
        self._problem, self._server = problem, server
        self._checker: CheckerSession | None = None
        self.suite = Suite(())

    def __enter__(self) -> Self:
        self._open_checker()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def observe(
        self, name: str, *, like: Rehearsed | None = None, seed: int = SEEDS[0], generators: int = _GENERATORS
    ) -> Rehearsed:
        """Run a case on the jury solution, and compare with what an earlier run gave."""
        checker = self._open_checker()
        seconds = PATIENCE * self._problem.limits.seconds_per_case
        expected, body = (like.tree, like.body) if like else (None, b"")
        checker.tell(Rehearse(name, seed, generators, expected, body))
        try:
            answer = checker.receive(Rehearsed, Broken, deadline=time.monotonic() + seconds)
        except OutOfTime:
            self._end()
            raise Faulty(
                f"hangs: the jury solution gave no answer in {seconds:g} seconds; "
                "make the case smaller, or mend its loop"
            ) from None
        except HungUp:
            words = checker.read_printed()
            self._end()
            raise Faulty(
                f"ends the process that runs the jury solution{f': {words}' if words else ''}; "
                "a case must return"
            ) from None
        match answer:
            case Broken(why):
                raise Faulty(f"raises on the jury solution: {why}; mend the case or solution.py")
            case Rehearsed() as rehearsed:
                return rehearsed
        raise JudgeError("the checker sent no observation")

    def try_space(self) -> str | None:
        """Return what is wrong with the space of small inputs, empty if nothing is; None if there is none."""
        checker = self._open_checker()
        checker.tell(TrySpace())
        try:
            return checker.receive(SpaceTried, deadline=time.monotonic() + SECONDS_TO_LOAD).fault
        except (OutOfTime, HungUp):
            self._end()
            return "hangs, or ends the process; make it smaller"

    def _open_checker(self) -> CheckerSession:
        """Return the checker; start one if there is none."""
        if self._checker is None:
            problem = self._problem
            try:
                job = make_rehearsal_job(problem, seed=SEEDS[0])
            except JudgeError as error:  # a file that is no Python
                raise Faulty(str(error)) from None
            confinement = make_confinement(problem, seconds=SECONDS_IN_ALL)
            self._checker = open_checker(self._server, job, confinement)
            self.suite = self._read_suite(self._checker)
        return self._checker

    def _read_suite(self, checker: CheckerSession) -> Suite:
        try:
            answer = checker.receive(Suite, Broken, deadline=time.monotonic() + SECONDS_TO_LOAD)
        except (OutOfTime, HungUp) as error:
            words = checker.read_printed()
            self._end()
            ends = f"ends the process{f': {words}' if words else ''}"
            why = "does not come to an end" if isinstance(error, OutOfTime) else ends
            raise Faulty(
                f"{self._problem.folder}: cases.py or solution.py {why} while it is loaded; "
                "a file must only define"
            ) from None
        match answer:
            case Broken(why):
                raise Faulty(f"{why}; cases.py and solution.py must load")
            case Suite() as suite:
                return suite
        raise JudgeError("the checker sent no list of cases")

    def _end(self) -> None:
        if self._checker is not None:
            self._checker.end()
            self._checker = None


def _find_lines(problem: Problem) -> dict[str, int]:
    """Find the line of each function in cases.py, and that of its description."""
    lines = {}
    for node in ast.parse(problem.read_cases()).body:
        match node:
            case ast.FunctionDef(name=name):
                lines[name] = node.lineno
            case ast.Assign(value=ast.Call(func=ast.Name(id=name))) if name == DESCRIBE:
                lines[name] = node.lineno
    return lines
