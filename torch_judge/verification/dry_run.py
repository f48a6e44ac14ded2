"""Rehearse a suite on the jury solution alone: what a package does that no package may.

Everything here runs in checkers, one case at a time, each with its own deadline.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import Check, Conductor, checker_job, compiled_text, tell
from torch_judge.model.errors import JudgeError
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission

SEEDS = (11, 12, 13)
SECONDS_TO_LOAD = 20.0
SECONDS_IN_ALL = 3600.0
PATIENCE = 2.0
"""How much longer than a submission the jury solution may take here, where others compute beside it."""
_GENERATORS, _OTHER_GENERATORS = 1234567, 7654321


class Faulty(Exception):  # noqa: N818 - a finding about the bank, not an error of ours
    """A case, or a file, that does not do what every case must; the text says what and what to do."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the jury solution did in one case: its observation as it travels, and what was noted beside it."""

    tree: Any
    body: bytes
    difference: str | None
    given: tuple[str, ...]
    left: tuple[str, ...]
    parts: tuple[str, ...]
    defaulted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal found out: what each case did, by name, and what is wrong with the package."""

    observed: Mapping[str, Observed] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()
    has_space: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what the parts of an answer are, of the longest that was seen."""
        return max((each.parts for each in self.observed.values()), key=len, default=())

    def neglected(self) -> Iterator[str]:
        """Make check 6: every defaulted parameter is given a value by some case and left at its default by some case."""
        for name in next((each.defaulted for each in self.observed.values()), ()):
            if not any(name in each.given for each in self.observed.values()):
                yield f"parameter {name}: no case gives it another value than its default; add a case that does"
            if not any(name in each.left for each in self.observed.values()):
                yield f"parameter {name}: no case leaves it at its default; add a case that does not pass it"


def rehearse(problem: Problem, server: ForkServer) -> Rehearsal:
    """Run every case on the jury solution: twice, with other global generators, and in another order."""
    observed: dict[str, Observed] = {}
    complaints: dict[str, str] = {}
    try:
        with _Stage(problem, server) as stage:
            for name in stage.cases:
                with _noting(complaints, name):
                    observed[name] = stage.observe(name)
            for name, first in list(observed.items()):
                with _noting(complaints, name):
                    _look_again(stage, name, first)
            space = stage.try_space()
        with _Stage(problem, server) as stage:
            for name in reversed([each for each in observed if each not in complaints]):
                with _noting(complaints, name):
                    _look_in_another_order(stage, name, observed[name])
    except Faulty as fault:
        return Rehearsal(complaints=(str(fault),))
    lines = _lines(problem)
    path = problem.folder / "cases.py"
    says = [f"{path}:{lines.get(name, 1)}: case {name}: {text}" for name, text in complaints.items()]
    says += [f"{path}: the space of small inputs {space}"] if space else []
    return Rehearsal(observed, tuple(says), has_space=space is not None)


class _noting:  # noqa: N801 - reads as what it does
    """Note what is faulty about a case, once."""

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


def _look_again(stage: _Stage, name: str, first: Observed) -> None:
    """Run a case once more, then with other seeds of the check and of the global generators."""
    if difference := stage.observe(name, like=first).difference:
        raise Faulty(
            f"gives another answer when it is run again ({difference}): something in cases.py or solution.py remembers "
            "earlier calls, or it depends on the clock; make all state inside the case"
        )
    if difference := stage.observe(name, like=first, generators=_OTHER_GENERATORS).difference:
        raise Faulty(
            f"depends on the global generators of torch, numpy or random ({difference}): draw every number from the rng that "
            "the case is given, and give what a constructor draws other values"
        )
    for seed in SEEDS[1:]:
        stage.observe(name, seed=seed)


def _look_in_another_order(stage: _Stage, name: str, first: Observed) -> None:
    try:
        difference = stage.observe(name, like=first).difference
    except Faulty as fault:
        raise Faulty(
            f"depends on the order of the cases: when those after it run first, it {fault}"
        ) from None
    if difference:
        raise Faulty(
            f"depends on the order of the cases: it gives another answer when those after it run first ({difference}); "
            "a case must leave nothing behind in cases.py or solution.py, and find nothing there"
        )


class _Stage(Conductor):
    """A checker that rehearses; a context manager. One that hangs or ends is replaced."""

    def __init__(self, problem: Problem, server: ForkServer) -> None:
        super().__init__(Check(problem, Submission(""), SEEDS[0]), server, None)
        self._checker: Child | None = None
        self.cases: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def observe(
        self, name: str, *, like: Observed | None = None, seed: int = SEEDS[0], generators: int = _GENERATORS
    ) -> Observed:
        """Run a case on the jury solution, and compare with what an earlier run gave."""
        checker = self._checker or self._start()
        seconds = PATIENCE * self._limits.seconds_per_case
        request = {
            "rehearse": name,
            "seed": seed,
            "generators": generators,
            "expected": like.tree if like else None,
        }
        tell(checker, request, like.body if like else b"")
        try:
            header, body = checker.receive(deadline=time.monotonic() + seconds)
        except OutOfTime:
            self._end()
            raise Faulty(
                f"hangs: the jury solution gave no answer in {seconds:g} seconds; make the case smaller, or mend its loop"
            ) from None
        except HungUp:
            said = checker.printed().strip()
            self._end()
            raise Faulty(
                f"ends the process that runs the jury solution{f': {said}' if said else ''}; a case must return"
            ) from None
        match header:
            case {"broken": str(why)}:
                raise Faulty(f"raises on the jury solution: {why}; mend the case or solution.py")
            case {"observation": tree, "difference": difference, **noted}:
                return Observed(
                    tree,
                    body,
                    difference,
                    *(tuple(noted[key]) for key in ("given", "left", "parts", "defaulted")),
                )
        raise JudgeError("the checker sent no observation")

    def try_space(self) -> str | None:
        """Return what is wrong with the space of small inputs, empty if nothing is; None if there is none."""
        checker = self._checker or self._start()
        tell(checker, {"try_space": True})
        try:
            header, _ = checker.receive(deadline=time.monotonic() + SECONDS_TO_LOAD)
        except (OutOfTime, HungUp):
            self._end()
            return "hangs, or ends the process; make it smaller"
        fault: str | None = header["space"]
        return fault

    def _start(self) -> Child:
        problem = self._check.problem
        try:
            job = {
                **checker_job(self._check),
                "starter": compiled_text(problem.starter, problem.folder, "starter.py"),
            }
        except JudgeError as error:  # a file that is no Python
            raise Faulty(str(error)) from None
        self._checker = self._server.start("checker", replace(self._confinement(), seconds=SECONDS_IN_ALL))
        tell(self._checker, job)
        try:
            header, _ = self._checker.receive(deadline=time.monotonic() + SECONDS_TO_LOAD)
        except (OutOfTime, HungUp) as error:
            said = self._checker.printed().strip()
            self._end()
            why = (
                "does not come to an end"
                if isinstance(error, OutOfTime)
                else f"ends the process{f': {said}' if said else ''}"
            )
            raise Faulty(
                f"{problem.folder}: cases.py or solution.py {why} while it is loaded; a file must only define"
            ) from None
        if "broken" in header:
            raise Faulty(f"{header['broken']}; cases.py and solution.py must load")
        self.cases = tuple(each["name"] for each in header["cases"])
        return self._checker

    def _end(self) -> None:
        if self._checker is not None:
            self._checker.end()
            self._checker = None


def _lines(problem: Problem) -> dict[str, int]:
    return {
        node.name: node.lineno for node in ast.parse(problem.cases).body if isinstance(node, ast.FunctionDef)
    }
