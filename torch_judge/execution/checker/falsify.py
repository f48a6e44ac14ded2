"""The checker's side of a counterexample: look for small inputs on which the two differ, and shrink them.

Only choices travel (see `authoring.inputs`): the conductor hands them to the worker and brings back what was
observed there. Whatever goes wrong ends the search, and what was found until then stands.
"""

from __future__ import annotations

import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from torch_judge.authoring.inputs import Choices, Choose, InputSpace
from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.messages import Difference, Raised, Returned, SearchOver, TryInputs
from torch_judge.execution.runtime import name_classes, read_message, reset_settings, send_message
from torch_judge.model.errors import WireError
from torch_judge.model.report import Counterexample

from .comparison import find_difference
from .formatting import RAISED, format_pairs, format_rows, split_cells
from .shrink import shrink

CALLS_TO_FIND: Final = 150
TRIES_AFTER_THE_FIRST: Final = 16
CALLS_TO_SHRINK: Final = 140
TRIES_UNTIL_WILD: Final = 24
"""After so many tries, every choice is drawn evenly; before, most are the plainest."""
TRIES_OF_A_REHEARSAL: Final = 48
JURY_FILE: Final = "solution.py"

Size = tuple[int, int, int, int, Choices]


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a call: an observation, or what was raised, by the names of its classes and in words."""

    value: Any = None
    raised: tuple[str, ...] = ()
    words: str = ""

    @property
    def cells(self) -> dict[str, Any]:
        """What is shown of it, by name."""
        return {RAISED: self.words} if self.raised else split_cells(self.value)


class Enough(BaseException):
    """Ends a search from inside Hypothesis, which lets nothing else through."""


@dataclass(slots=True)
class Falsifier:
    """The search for the smallest inputs on which a submission and the jury differ."""

    space: InputSpace
    jury: Any
    seed: int
    deadline: float
    ask: Callable[[Choices], CallOutcome]
    tell: Callable[[Counterexample], None]
    smallest: Size | None = None
    calls_left: int = CALLS_TO_FIND + CALLS_TO_SHRINK

    def run(self) -> None:
        """Find a difference among inputs drawn ever less plain, then have Hypothesis make it smaller."""
        try:
            self._find()
            if self.smallest is not None:
                self._shrink(self.smallest[-1])
        except Enough:
            return

    def _find(self) -> None:
        """Look for a difference, and for a few calls more whether a smaller one comes along."""
        random = Random(self.seed)  # noqa: S311 - the same inputs for the same seed, not a secret
        seen: set[Choices] = set()
        left = CALLS_TO_FIND
        for number in range(CALLS_TO_FIND):
            choices = self.space.draw(_make_chooser(random, number))[1]
            left -= 1
            if choices not in seen and self.differs(choices):
                # the first find is rarely the smallest, and each call here is cheaper than one to shrink
                left = min(left, TRIES_AFTER_THE_FIRST)
            if left <= 0:
                return
            seen.add(choices)

    def differs(self, choices: Choices) -> bool:
        """Call both on these choices; tell the conductor about the smallest difference so far."""
        if self.calls_left <= 0 or time.monotonic() > self.deadline:
            raise Enough
        self.calls_left -= 1
        yours = self.ask(choices)
        expected = self._call_jury(choices)
        if _is_same(expected, yours, self.space):
            return False
        inputs = _round_trip(self.space.rebuild(choices))
        size = _measure(inputs, choices)
        if self.smallest is None or size < self.smallest:
            self.smallest = size
            self.tell(_make_counterexample(inputs, expected, yours, self.space))
        if not any(choices):  # nothing is plainer
            raise Enough
        return True

    def _call_jury(self, choices: Choices) -> CallOutcome:
        try:
            return _call_jury(self.space, self.jury, choices, seed=self.seed)
        except Exception:  # a bug of the bank's
            raise Enough from None

    def _shrink(self, choices: Choices) -> None:
        shrink(
            choices,
            lambda choose: self.differs(self.space.draw(choose)[1]),
            seed=self.seed,
            most_calls=CALLS_TO_SHRINK,
        )


def find_fault(space: InputSpace, jury: Any, *, seed: int) -> str:
    """Try small inputs on the jury solution, and find what is wrong with their space; empty if nothing is."""
    random = Random(seed)  # noqa: S311 - as above
    answered = 0
    for number in range(TRIES_OF_A_REHEARSAL):
        choices = space.draw(_make_chooser(random, number))[1]
        inputs = [_round_trip(space.rebuild(choices)) for _ in range(2)]
        if find_difference(*inputs) is not None:
            return "makes other inputs from the same draws: it must draw from `draw` and from nothing else"
        answer, again = (_call_jury(space, jury, choices, seed=each) for each in (seed, seed + 1))
        if answer.raised != again.raised or not _is_same(answer, again, space):
            return (
                "observes something else in the same small call: it depends on the clock, on a global "
                "generator or on calls before"
            )
        if not answer.raised and not isinstance(answer.value, dict):
            kind = type(answer.value).__name__
            return f"must return a dict of what is shown side by side, and returns a value of type {kind}"
        answered += not answer.raised
    if not answered:
        return f"is of no use: the jury solution raises {answer.words!r} on all inputs that were tried"
    return ""


def answer_search(
    channel: socket.socket, space: InputSpace | None, jury: Any, *, seed: int, seconds: float
) -> None:
    """Look for a counterexample; say what is to be tried, what is found, and when it is over."""

    def ask(choices: Choices) -> CallOutcome:
        send_message(channel, TryInputs(choices))
        return _read_outcome(channel)

    def tell(found: Counterexample) -> None:
        send_message(channel, Difference(found.inputs, found.yours, found.expected, found.differs))

    if space is not None:
        try:
            Falsifier(space, jury, seed, time.monotonic() + seconds, ask, tell).run()
        except (EOFError, ConnectionError):
            raise
        except Exception as error:  # a bug of the bank's, of ours or of Hypothesis's costs only the example
            sys.stderr.write(f"counterexample: {type(error).__name__}: {error}\n")
    send_message(channel, SearchOver())


def _call_jury(space: InputSpace, jury: Any, choices: Choices, *, seed: int) -> CallOutcome:
    """Call the jury solution, which may raise what the statement asks for.

    Whatever is raised elsewhere is a bug of the bank's, and goes on.
    """
    reset_settings(seed)
    try:
        return CallOutcome(_round_trip(space.observe(jury, choices)))
    except Exception as error:
        frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
        if not any(frame.f_code.co_filename == JURY_FILE for frame in frames):
            raise
        return CallOutcome(raised=name_classes(error), words=f"{type(error).__name__}: {error}")


def _read_outcome(channel: socket.socket) -> CallOutcome:
    """Read what the conductor brings from the worker, which may be anything at all."""
    try:
        match read_message(channel, Returned, Raised):
            case Returned(tree, body):
                return CallOutcome(codec.decode(tree, body))
            case Raised((_, *_) as classes, words):
                return CallOutcome(raised=classes, words=words)
    except WireError:
        raise Enough from None
    raise Enough


def _measure(inputs: dict[str, Any], choices: Choices) -> Size:
    """Measure what makes one example smaller than another.

    First the largest array, then how many numbers there are, then how many of them are not plain.
    """
    arrays = (value for value in inputs.values() if isinstance(value, codec.Array))
    largest = max((array.values.size for array in arrays), default=0)
    return largest, len(choices), sum(map(bool, choices)), sum(choices), choices


def _make_chooser(random: Random, number: int) -> Choose:
    """Make a chooser that takes the plainest option the more often, the earlier the try; first always."""

    def choose(count: int) -> int:
        return random.randrange(count) if random.random() * TRIES_UNTIL_WILD < number else 0

    return choose


def _round_trip(value: Any) -> Any:
    """Make a value what it would arrive as: a copy that no later call changes."""
    tree, body = codec.encode(value)
    return codec.decode(tree, body)


def _is_same(expected: CallOutcome, yours: CallOutcome, space: InputSpace) -> bool:
    if expected.raised or yours.raised:
        return bool(expected.raised) and expected.raised[0] in yours.raised
    return find_difference(expected.value, yours.value, tolerance=space.tolerance) is None


def _make_counterexample(
    inputs: dict[str, Any], expected: CallOutcome, yours: CallOutcome, space: InputSpace
) -> Counterexample:
    differs = _find_differing(expected.cells, yours.cells, space)
    left, right = format_pairs(expected.cells, yours.cells, differs)
    return Counterexample(format_rows(inputs), right, left, differs)


def _find_differing(expected: dict[str, Any], yours: dict[str, Any], space: InputSpace) -> tuple[str, ...]:
    """Find the names of the cells that differ.

    Each is compared beside the others as they should be, for its tolerance depends on them.
    """
    if RAISED in expected or RAISED in yours:
        return (RAISED,)
    both = [name for name in expected if name in yours]
    wrong = [
        name
        for name in both
        if find_difference(expected, {**expected, name: yours[name]}, tolerance=space.tolerance)
    ]
    return (
        *wrong,
        *(name for name in expected if name not in yours),
        *(name for name in yours if name not in expected),
    )
