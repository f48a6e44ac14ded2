"""Run a sample of the bank's, a gotcha, through cases beside the submission, and tell where it does the same.

A gotcha is a text of the bank's, yet it is wrong on purpose: it may hang, raise anything or leave.
"""

from __future__ import annotations

import dis
import math
import re
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, Self

from torch_judge.authoring.suite import Case, WrongAnswer
from torch_judge.execution.protocol import codec
from torch_judge.execution.runtime import LONGEST_MESSAGE, reset_settings
from torch_judge.model.errors import WireError
from torch_judge.model.report import Verdict

from .fields import leave_out_numbers

SECONDS_PER_RUN: Final = 0.4
"""A gotcha that takes longer for one case is left out."""
SECONDS_BETWEEN_TICKS: Final = 0.02
GOTCHA: Final = "gotcha"
"""The name of the module that a gotcha is loaded as."""
WAITING: Final = 5
"""How many times as long it may take where it waits, or where the machine is busy with other things."""

Judge = Callable[[str, codec.Tree, bytes], tuple[Verdict, str]]
Expect = Callable[[str], Mapping[str, Any] | None]
"""The jury's answer to a case by its fields; None where an author's checker looks at the whole."""
Differ = Callable[[Case, Any, Any], str | None]


class TooSlow(BaseException):  # a gotcha may catch every Exception
    """A gotcha has used up its time."""


class Clock:
    """Interrupts a gotcha that runs for too long; a context manager.

    What counts is the time of the processor, so that a busy machine names the mistakes that a quiet one does.
    """

    def __init__(self) -> None:
        self._deadline = self._latest = math.inf

    def __enter__(self) -> Self:
        signal.signal(signal.SIGALRM, self._tick)
        # ticks, and not one alarm: a gotcha that catches the first TooSlow is interrupted again
        signal.setitimer(signal.ITIMER_REAL, SECONDS_BETWEEN_TICKS, SECONDS_BETWEEN_TICKS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """Raise TooSlow in what takes longer."""
        self._deadline = time.process_time() + seconds
        self._latest = time.monotonic() + WAITING * seconds
        try:
            yield
        finally:
            self._deadline = self._latest = math.inf

    def _tick(self, _number: int, _frame: FrameType | None) -> None:
        if time.process_time() > self._deadline or time.monotonic() > self._latest:
            raise TooSlow


@dataclass(frozen=True, slots=True)
class Observed:
    """What a case returned, as it travels."""

    tree: codec.Tree
    body: bytes

    @property
    def value(self) -> Any:
        """What is compared."""
        return codec.decode(self.tree, self.body)


@dataclass(frozen=True, slots=True)
class Raised:
    """The sentence with which a case rejected."""

    message: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """What stopped a gotcha in a case, as a worker would word it, but for the line; or that it refused."""

    message: str


Outcome = Observed | Raised | Crashed
REFUSED: Final = "refused"
"""What was raised on purpose, in words that are everybody's own."""
_ON_PURPOSE: Final = re.compile(r"line \d+: `(raise|assert)\b")
_PLACE: Final = re.compile(r" \((?:[^()]*, )?line \d+.*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SampleRunner:
    """Runs gotchas: knows the suite, the seed, and how outcomes are judged and compared."""

    cases: Mapping[str, Case]
    seed: int
    entry_point: str
    judge: Judge
    differ: Differ
    expect: Expect
    clock: Clock = field(default_factory=Clock)

    def run(self, entry_point: Any, name: str, *, seconds: float = SECONDS_PER_RUN) -> Outcome | None:
        """Run one case on a gotcha as a worker would; None if it does not load or was too slow."""
        if entry_point is None:
            return None
        case = self.cases[name]
        try:
            reset_settings(case.seed(self.seed))
            with self.clock.running(seconds):
                return Observed(*codec.encode(case.observe(entry_point, seed=self.seed)))
        except (WrongAnswer, WireError) as error:
            return Raised(str(error)[:LONGEST_MESSAGE])
        except TooSlow:
            return None
        except BaseException as error:  # it may raise anything, sys.exit included
            return Crashed(REFUSED if _is_raised_on_purpose(error) else _word(error))

    def load(self, code: CodeType, *, seconds: float = SECONDS_PER_RUN) -> Any:
        """Load a gotcha afresh and find its entry point; None if it has none."""
        module = types.ModuleType(GOTCHA)
        sys.modules[GOTCHA] = module
        try:
            with self.clock.running(seconds):
                exec(code, vars(module))  # noqa: S102 - the bank is trusted
        except BaseException:  # it may raise anything, sys.exit included
            return None
        return vars(module).get(self.entry_point)

    def passes(self, name: str, outcome: Outcome | None) -> bool:
        """Tell whether an outcome is right."""
        return (
            isinstance(outcome, Observed)
            and self.judge(name, outcome.tree, outcome.body)[0] is Verdict.ACCEPTED
        )

    def agrees(self, name: str, outcome: Outcome | None, wrong: Outcome | None) -> bool:
        """Tell whether a gotcha did what the submission did.

        `wrong` is what that was, None where the submission was right.
        """
        if wrong is None:
            return self.passes(name, outcome)
        if isinstance(wrong, Observed) and isinstance(outcome, Observed):
            return self._is_same(name, outcome, wrong)
        return not isinstance(wrong, Observed) and outcome == wrong

    def _is_same(self, name: str, outcome: Observed, wrong: Observed) -> bool:
        if outcome == wrong:  # to the bit: then nothing has to be decoded
            return True
        return self.differ(self.cases[name], outcome.value, wrong.value) is None


def _word(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # it is wrong on purpose
        text = ""
    return (f"{type(error).__name__}: {text}" if text else type(error).__name__)[:LONGEST_MESSAGE]


def _is_raised_on_purpose(error: BaseException) -> bool:
    """Tell whether a statement raised it, and not an operation in it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_globals.get("__name__") != GOTCHA:
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def read_crash(message: str) -> Crashed:
    """Read what stopped a submission: what it raised, without the line in which it did."""
    place = _PLACE.search(message)
    if place and _ON_PURPOSE.search(place[0]):
        return Crashed(REFUSED)
    return Crashed(_PLACE.sub("", message))


def has_same_words(first: Outcome | None, second: Outcome | None) -> bool:
    """Tell whether the same words rejected or stopped both, but for the numbers in them."""
    if isinstance(first, Raised | Crashed) and type(first) is type(second):
        return leave_out_numbers(first.message) == leave_out_numbers(second.message)
    return False
