"""The checker's side of a diagnosis: run gotchas through cases and tell where they do as the submission did.

A gotcha is a text of the bank's, yet it is wrong on purpose: it may hang, raise anything or leave.
"""

from __future__ import annotations

import math
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, Self

from torch_judge.authoring.suite import Case, WrongAnswer
from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.messages import (
    Candidate,
    Examine,
    Examined,
    FindAlike,
    FindExplanations,
    Matches,
    NothingToSay,
)
from torch_judge.execution.runtime import LONGEST_MESSAGE, load_code, reset_settings
from torch_judge.model.errors import WireError
from torch_judge.model.report import Verdict

LARGEST_KEPT: Final = 16 << 20
"""How many bytes of rejected observations are kept; of a submission that hands over more there is no diagnosis."""
SECONDS_PER_RUN: Final = 0.2
"""A gotcha that takes longer for one case is left out."""
SECONDS_TO_EXAMINE: Final = 5.0
SECONDS_BETWEEN_TICKS: Final = 0.02

Judge = Callable[[str, codec.Tree, bytes], tuple[Verdict, str]]
Differ = Callable[[Case, Any, Any], str | None]


class TooSlow(BaseException):  # a gotcha may catch every Exception
    """A gotcha has used up its time."""


class Clock:
    """Interrupts a gotcha that runs for too long, again and again for one that catches it; a context manager."""

    def __init__(self) -> None:
        self._deadline = math.inf

    def __enter__(self) -> Self:
        signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_BETWEEN_TICKS, SECONDS_BETWEEN_TICKS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """Raise TooSlow in what takes longer."""
        self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline = math.inf

    def _tick(self, _number: int, _frame: FrameType | None) -> None:
        if time.monotonic() > self._deadline:
            raise TooSlow


@dataclass(frozen=True, slots=True)
class Observed:
    """What a case returned, as it travels."""

    tree: codec.Tree
    body: bytes

    @property
    def value(self) -> Any:
        """Return it as it is compared."""
        return codec.decode(self.tree, self.body)


@dataclass(frozen=True, slots=True)
class Raised:
    """The sentence with which a case rejected."""

    message: str


class Rejected:
    """The submission's observations that were rejected, as long as they are not too large to keep."""

    def __init__(self) -> None:
        self._kept: dict[str, Observed] = {}
        self._room = LARGEST_KEPT

    def keep(self, name: str, tree: codec.Tree, body: bytes) -> None:
        """Keep an observation, or none at all once they are too large."""
        self._room -= len(body)
        self._kept[name] = Observed(tree, body)
        if self._room < 0:
            self._kept.clear()

    @property
    def observations(self) -> Mapping[str, Observed] | None:
        """Return the observations by case; None if they were too large to keep."""
        return self._kept if self._room >= 0 else None


@dataclass(frozen=True, slots=True)
class SampleRunner:
    """What it takes to run a gotcha beside the submission: the suite, the seed, and how outcomes are judged and compared."""

    cases: Mapping[str, Case]
    seed: int
    entry_point: str
    judge: Judge
    differ: Differ
    clock: Clock = field(default_factory=Clock)

    def run(
        self, entry_point: Any, name: str, *, seconds: float = SECONDS_PER_RUN
    ) -> Observed | Raised | None:
        """Run one case on a gotcha as a worker would; None if it crashed or was too slow."""
        case = self.cases[name]
        try:
            reset_settings(case.seed(self.seed))
            with self.clock.running(seconds):
                return Observed(*codec.encode(case.observe(entry_point, seed=self.seed)))
        except (WrongAnswer, WireError) as error:
            return Raised(str(error)[:LONGEST_MESSAGE])
        except BaseException:  # it may raise anything, sys.exit included
            return None

    def load(self, code: CodeType) -> Any:
        """Return the entry point of a gotcha, loaded afresh; None if it has none."""
        module = types.ModuleType("gotcha")
        sys.modules["gotcha"] = module
        try:
            with self.clock.running(SECONDS_PER_RUN):
                exec(code, vars(module))  # noqa: S102 - the bank is trusted
        except BaseException:  # it may raise anything, sys.exit included
            return None
        return vars(module).get(self.entry_point)

    def passes(self, name: str, outcome: Observed | Raised | None) -> bool:
        """Tell whether an outcome is right."""
        return (
            isinstance(outcome, Observed)
            and self.judge(name, outcome.tree, outcome.body)[0] is Verdict.ACCEPTED
        )

    def agrees(self, name: str, outcome: Observed | Raised | None, wrong: Observed | Raised | None) -> bool:
        """Tell whether a gotcha did what the submission did; `wrong` is None where the submission was right."""
        if wrong is None:
            return self.passes(name, outcome)
        if isinstance(wrong, Observed) and isinstance(outcome, Observed):
            return self._same(name, outcome, wrong)
        return isinstance(wrong, Raised) and outcome == wrong

    def _same(self, name: str, outcome: Observed, wrong: Observed) -> bool:
        if outcome == wrong:  # the same to the bit
            return True
        return self.differ(self.cases[name], outcome.value, wrong.value) is None


@dataclass(frozen=True, slots=True)
class Likeness:
    """A search for the gotchas that do as the submission did, until a point in time."""

    bench: SampleRunner
    wrong: Mapping[str, Observed | Raised]
    until: float

    def alike(self, gotchas: Sequence[Candidate]) -> dict[str, list[str]] | None:
        """Return the gotchas that agree in every case of their plans; None if the time was not enough."""
        found = {}
        for gotcha in gotchas:
            entry_point = self.bench.load(load_code(gotcha.code))
            if all(self._agrees(entry_point, name) for name in gotcha.plan):
                found[gotcha.name] = list(self.wrong)
            if time.monotonic() > self.until:
                return None
        return found

    def explanations(
        self, gotchas: Sequence[Candidate], failed: Sequence[str]
    ) -> dict[str, list[str]] | None:
        """Return for each gotcha the failed cases in which it agrees; None if there is one that no gotcha explains.

        A gotcha that fails a case of its plan that the submission passed explains nothing.
        """
        entry_points = {each.name: self.bench.load(load_code(each.code)) for each in gotchas}
        found: dict[str, list[str]] = {}
        for case in failed:
            explaining = []
            for each in gotchas:
                if time.monotonic() > self.until:
                    return None
                if case in each.plan and self._agrees(entry_points[each.name], case):
                    explaining.append(each.name)
            if not explaining:
                return None
            for name in explaining:
                found.setdefault(name, []).append(case)
        plans = {each.name: [case for case in each.plan if case not in self.wrong] for each in gotchas}
        return {
            name: cases
            for name, cases in found.items()
            if all(self._agrees(entry_points[name], each) for each in plans[name])
        }

    def _agrees(self, entry_point: Any, name: str) -> bool:
        left = self.until - time.monotonic()
        if left <= 0:
            return False
        return self.bench.agrees(
            name, self.bench.run(entry_point, name, seconds=min(left, SECONDS_PER_RUN)), self.wrong.get(name)
        )


def likeness(
    bench: SampleRunner, rejected: Rejected, request: FindAlike | FindExplanations
) -> Matches | NothingToSay:
    """Answer the conductor's question about gotchas."""
    observations = rejected.observations
    raised = {name: Raised(message) for name, message in request.raised.items()}
    if observations is None or set(request.failed) != observations.keys() | raised.keys():
        return NothingToSay()
    wrong: dict[str, Observed | Raised] = {**observations, **raised}
    search = Likeness(bench, wrong, time.monotonic() + request.milliseconds / 1000)
    with bench.clock:
        if isinstance(request, FindAlike):
            found = search.alike(request.candidates)
        else:
            found = search.explanations(request.candidates, request.failed)
    return NothingToSay() if found is None else Matches({name: tuple(cases) for name, cases in found.items()})


def examine(bench: SampleRunner, request: Examine) -> Examined:
    """Say which cases a gotcha fails in an order of cases, and, if asked, whether it does the same in each one alone."""
    code = load_code(request.code)
    names = request.order if request.alone else ()
    with bench.clock:
        together = bench.load(code)
        outcomes = {name: bench.run(together, name, seconds=SECONDS_TO_EXAMINE) for name in request.order}
        alone = {name: bench.run(bench.load(code), name, seconds=SECONDS_TO_EXAMINE) for name in names}
    fails = tuple(name for name, outcome in outcomes.items() if not bench.passes(name, outcome))
    return Examined(fails, any(outcomes[name] != alone[name] for name in alone))
