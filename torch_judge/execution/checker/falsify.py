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
from .contrast import CallOutcome, Kind, Size, find_kind, make_counterexample, measure
from .shrink import shrink

CALLS_TO_FIND: Final = 80
CALLS_ELSEWHERE: Final = 40
CALLS_AT_LAST: Final = 30
"""On ordinary inputs again, for a difference that is seldom."""
CALLS_TO_SHRINK: Final = 140
TRIES_AFTER: Final = {Kind.VALUES: 16, Kind.REFUSAL: 30, Kind.NOT_FINITE: 30, Kind.RAISED: 40}
"""How often it is tried after a find whether one comes along that tells more.

The first find is rarely the smallest, and each call here is cheaper than one to shrink.
"""
TRIES_THAT_ALL_RAISE: Final = 12
"""Who raises so often at first is not waited for to return something."""
TRIES_AFTER_ONE_ELSEWHERE: Final = 8
TRIES_UNTIL_WILD: Final = 24
"""After so many tries, every choice is drawn evenly; before, most are the plainest."""
TRIES_OF_A_REHEARSAL: Final = 48
JURY_FILE: Final = "solution.py"


class Enough(BaseException):
    """Ends a search from inside Hypothesis, which lets nothing else through."""


@dataclass(slots=True)
class Falsifier:
    """The search for the example that tells most: the kind of its difference first, then how small it is."""

    space: InputSpace
    jury: Any
    seed: int
    deadline: float
    ask: Callable[[Choices], Callable[[], CallOutcome]]
    tell: Callable[[Counterexample], None]
    smallest: Size | None = None
    calls_left: int = CALLS_TO_FIND + CALLS_ELSEWHERE + CALLS_AT_LAST + CALLS_TO_SHRINK

    def run(self) -> None:
        """Find a difference among inputs drawn ever less plain, then have Hypothesis make it smaller."""
        try:
            self._find(range(CALLS_TO_FIND))
            if self._has_little():
                self._find_elsewhere()
            if self._has_little():
                self._find(range(CALLS_TO_FIND, CALLS_TO_FIND + CALLS_AT_LAST))
            if self.smallest is not None and not self.smallest.is_plainest:
                self._shrink(self.smallest)
        except Enough:
            return

    def _has_little(self) -> bool:
        return self.smallest is None or self.smallest.kind is Kind.DIGITS

    def _find(self, numbers: range) -> None:
        """Look for a difference, and for a few calls more whether one comes along that tells more."""
        # the same inputs for the same seed, not a secret
        random = Random(self.seed + numbers.start)  # noqa: S311
        kinds: dict[Choices, Kind | None] = {}
        left = len(numbers)
        for number in numbers:
            choices = self.space.draw(_make_chooser(random, number))[1]
            left -= 1
            if choices not in kinds:
                kinds[choices] = kind = self.examine(choices)
                left = min(left, TRIES_AFTER.get(kind, left)) if kind else left
                if len(kinds) == TRIES_THAT_ALL_RAISE and set(kinds.values()) == {Kind.RAISED}:
                    return
            if left <= 0:
                return

    def _find_elsewhere(self) -> None:
        """Look for a difference in each circumstance in turn."""
        random = Random(self.seed)  # noqa: S311 - as above
        seen: set[Choices] = set()
        count = len(self.space.circumstances)
        left = CALLS_ELSEWHERE if count else 0
        number = 0
        while left > 0:
            choices = (*self.space.draw(_make_chooser(random, number))[1], 1 + number % count)
            number, left = number + 1, left - 1
            if choices not in seen and self.examine(choices):
                left = min(left, TRIES_AFTER_ONE_ELSEWHERE)
            seen.add(choices)

    def examine(self, choices: Choices) -> Kind | None:
        """Call both on these choices, and return how they differ, if they do.

        Tells the conductor about the difference that tells most so far.
        """
        if self.calls_left <= 0 or time.monotonic() > self.deadline:
            raise Enough
        self.calls_left -= 1
        read_yours = self.ask(choices)  # the jury answers while the submission does
        try:
            expected = self._call_jury(choices)
        finally:
            yours = read_yours()
        kind = find_kind(expected, yours, self.space) if expected else None
        if expected is None or kind is None:
            return None
        inputs = _round_trip(self.space.describe(choices))
        size = measure(kind, inputs, choices)
        if self.smallest is None or size < self.smallest:
            self.smallest = size
            self.tell(make_counterexample(inputs, expected, yours, self.space))
        if size.is_plainest and kind is Kind.VALUES:
            raise Enough
        return kind

    def _call_jury(self, choices: Choices) -> CallOutcome | None:
        """Call the jury solution; None where its space says nothing of such a call."""
        try:
            return _call_jury(self.space, self.jury, choices, seed=self.seed)
        except Exception:
            if self.space.is_elsewhere(choices):  # a gradient is not sent back where none is recorded
                return None
            raise Enough from None  # a bug of the bank's

    def _shrink(self, smallest: Size) -> None:
        beyond = smallest.choices[-1:] if self.space.is_elsewhere(smallest.choices) else ()

        def differs(choose: Choose) -> bool:
            kind = self.examine((*self.space.draw(choose)[1], *beyond))
            return kind is not None and kind.tells_as_much_as(smallest.kind)

        inputs = smallest.choices[:-1] if beyond else smallest.choices
        shrink(inputs, differs, seed=self.seed, most_calls=CALLS_TO_SHRINK)


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
        if answer.raised != again.raised or find_kind(answer, again, space):
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

    def ask(choices: Choices) -> Callable[[], CallOutcome]:
        send_message(channel, TryInputs(choices))
        return lambda: _read_outcome(channel)

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


def _make_chooser(random: Random, number: int) -> Choose:
    """Make a chooser that takes the plainest option the more often, the earlier the try; first always."""

    def choose(count: int) -> int:
        return random.randrange(count) if random.random() * TRIES_UNTIL_WILD < number else 0

    return choose


def _round_trip(value: Any) -> Any:
    """Make a value what it would arrive as: a copy that no later call changes."""
    tree, body = codec.encode(value)
    return codec.decode(tree, body)
