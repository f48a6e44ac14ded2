"""The space of small inputs, in which a counterexample is looked for: what an author writes once per problem.

An example is a sequence of choices, small whole numbers. The same choices give the same inputs in the worker
and in the checker, so that only they travel. The first option of each choice is the plainest, and fewer
choices are a smaller example: that is the order in which Hypothesis shrinks.

Imported in the worker and in the checker, never in the conductor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np

from .circumstances import Circumstance
from .suite import Case, StandardSuite, Tolerance

MOST_CHOICES: Final = 256
"""Inputs made of more numbers than this are not small."""

T = TypeVar("T")
Choices = tuple[int, ...]
Choose = Callable[[int], int]
"""Chooses one of so many options, by its index."""


class Draw:
    """What an author draws small inputs with; the first option of each draw is the plainest."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self.choices: list[int] = []

    def choice(self, options: Sequence[T]) -> T:
        """Draw one of some options, the plainest of which comes first."""
        if len(self.choices) >= MOST_CHOICES:
            raise ValueError(f"small inputs are made of at most {MOST_CHOICES} choices")
        index = self._choose(len(options))
        if not 0 <= index < len(options):
            raise ValueError(f"there is no option {index} of {len(options)}")
        self.choices.append(index)
        return options[index]

    def boolean(self) -> bool:
        """Draw False or True."""
        return self.choice((False, True))

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included; low is the plainest."""
        return self.choice(range(low, high + 1))

    def number(self, low: float, high: float, *, plainest: float = 0.0) -> float:
        """Draw a whole number or a half; whole ones and those near the plainest come first."""
        return self.choice(_list_numbers(low, high, plainest))

    def array(
        self, shape: int | tuple[int, ...], low: float, high: float, *, plainest: float = 0.0
    ) -> np.ndarray[Any, Any]:
        """Draw a float64 array of such numbers."""
        sizes = (shape,) if isinstance(shape, int) else shape
        return np.array(
            [self.number(low, high, plainest=plainest) for _ in range(math.prod(sizes))], dtype=np.float64
        ).reshape(sizes)


def _list_numbers(low: float, high: float, plainest: float) -> list[float]:
    halves = [half / 2 for half in range(math.ceil(2 * low), math.floor(2 * high) + 1)]
    return sorted(halves, key=lambda half: (not half.is_integer(), abs(half - plainest), -half))


@dataclass(frozen=True, slots=True)
class InputSpace:
    """The small inputs of a problem, and what of an entry point is observed on them.

    One choice more than the inputs are made of is the number of a circumstance, from 1.
    """

    inputs: Callable[[Draw], dict[str, Any]]
    observed: Callable[[Any, dict[str, Any]], Any]
    tolerance: Tolerance | None = None
    circumstances: tuple[Circumstance, ...] = ()
    exact_in_float64: bool = False
    """Float64 results must have more digits than those of float32."""

    def draw(self, choose: Choose) -> tuple[dict[str, Any], Choices]:
        """Draw inputs, and return them with the choices that make them again."""
        draw = Draw(choose)
        inputs = self.inputs(draw)
        return inputs, tuple(draw.choices)

    def rebuild(self, choices: Iterable[int]) -> dict[str, Any]:
        """Make the inputs that these choices stand for."""
        return self._rebuild(choices)[0]

    def describe(self, choices: Iterable[int]) -> dict[str, Any]:
        """Make what is shown of these choices: the inputs, and in what circumstance the call is made."""
        inputs, circumstance = self._rebuild(choices)
        return inputs | (circumstance.describe() if circumstance else {})

    def observe(self, entry_point: Any, choices: Iterable[int]) -> Any:
        """Run an entry point on the inputs that these choices stand for."""
        inputs, circumstance = self._rebuild(choices)
        with circumstance.enter() if circumstance else nullcontext():
            return self.observed(entry_point, inputs)

    def is_elsewhere(self, choices: Iterable[int]) -> bool:
        """Tell whether these choices stand for a call in one of the circumstances."""
        return self._rebuild(choices)[1] is not None

    def _rebuild(self, choices: Iterable[int]) -> tuple[dict[str, Any], Circumstance | None]:
        left = iter(choices)
        inputs = self.inputs(Draw(lambda _count: next(left)))
        number = next(left, 0)
        if not number:
            return inputs, None
        circumstance = self.circumstances[number - 1]
        return circumstance.alter(inputs), circumstance


def counterexample(
    *, inputs: Callable[[Draw], dict[str, Any]], tolerance: Tolerance | None = None
) -> Callable[[Callable[[Any, dict[str, Any]], Any]], InputSpace]:
    """Make a function of `(entry_point, inputs)` what is observed on the inputs of `inputs(draw)`.

    The inputs are shown by name, in this order, as they were before the call; so is what is observed.
    """

    def declare(observed: Callable[[Any, dict[str, Any]], Any]) -> InputSpace:
        if any(isinstance(value, InputSpace) for value in observed.__globals__.values()):
            raise ValueError("cases.py declares two spaces of small inputs")
        return InputSpace(inputs, observed, tolerance)

    return declare


def space_beside(cases: Iterable[Case]) -> InputSpace | None:
    """Find the space that the file of these cases declares, else that of its description, else None.

    What is legal beside the numbers is said by the description, for the other space too.
    Looked for only after a failure: a check that accepts does not pay for it.
    """
    own: InputSpace | None = None
    suite: StandardSuite | None = None
    for case in cases:
        for value in getattr(case.function, "__globals__", {}).values():
            own = value if isinstance(value, InputSpace) else own
            suite = value if isinstance(value, StandardSuite) else suite
        if case.standard and suite is None:
            suite = StandardSuite((), getattr(case.function, "space", None))
        if own and suite:
            break
    described: InputSpace | None = suite.space if suite else None
    if own is None or described is None:
        return own or described
    return replace(own, circumstances=described.circumstances, exact_in_float64=described.exact_in_float64)
