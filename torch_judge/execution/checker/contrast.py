"""How a submission and the jury differ in a small call: of what kind that is, and how it is shown.

An example with wrong numbers tells more than one with `nan`, and that more than an error, which is often
another mistake than the one that the cases found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from torch_judge.authoring.inputs import Choices, InputSpace
from torch_judge.authoring.suite import Tolerance, WrongAnswer
from torch_judge.execution.protocol import codec
from torch_judge.model.report import Counterexample

from .comparison import find_difference
from .formatting import COMPLAINT, RAISED, format_pairs, format_rows, split_cells

AFTER: Final = " after the call"
IN_FLOAT64: Final = Tolerance(relative=1e-8, of_scale=1e-8)
"""Far more than the rounding of float64, and less than that of float32, which is up to 6e-8."""


class Kind(StrEnum):
    """How two outcomes differ; what tells a learner most comes first."""

    VALUES = "other values"
    REFUSAL = "no error where one is expected"
    NOT_FINITE = "nan or infinity on either side"
    RAISED = "an error"
    DIGITS = "fewer digits than float64 has"

    @property
    def place(self) -> int:
        """Its place in the order."""
        return list(Kind).index(self)

    def tells_as_much_as(self, other: Kind) -> bool:
        """Tell whether an example of this kind is as good as one of another."""
        return self.place <= other.place


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a call: an observation, or what was raised, by the names of its classes and in words."""

    value: Any = None
    raised: tuple[str, ...] = ()
    words: str = ""

    @property
    def label(self) -> str:
        """What the row of that which was raised is called."""
        return COMPLAINT if WrongAnswer.__name__ in self.raised else RAISED

    @property
    def cells(self) -> dict[str, Any]:
        """What is shown of it, by name."""
        return {self.label: self.words} if self.raised else split_cells(self.value)


@dataclass(frozen=True, slots=True)
class Size:
    """What makes one example better than another."""

    kind: Kind
    largest: int
    """How many numbers the largest array has."""
    choices: Choices

    @property
    def is_plainest(self) -> bool:
        """Whether nothing is plainer."""
        return not any(self.choices)

    def __lt__(self, other: Size) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[int, ...]:
        """Order by kind, the largest array, how many choices are not plain, how many there are.

        The plainest inputs of all come first, though others may be smaller, such as no batch at all.
        """
        choices = self.choices
        unusual = sum(map(bool, choices))
        size = max(self.largest, 1), unusual, len(choices), sum(choices)
        return self.kind.place, not self.is_plainest, *size, *choices


def measure(kind: Kind, inputs: dict[str, Any], choices: Choices) -> Size:
    """Measure an example by its difference and its inputs."""
    arrays = (value for value in inputs.values() if isinstance(value, codec.Array))
    return Size(kind, max((array.values.size for array in arrays), default=0), choices)


def find_kind(expected: CallOutcome, yours: CallOutcome, space: InputSpace) -> Kind | None:
    """Find how two outcomes differ; None if they are the same."""
    if expected.raised or yours.raised:
        if expected.raised and expected.raised[0] in yours.raised:
            return None
        return Kind.RAISED if yours.raised else Kind.REFUSAL
    if find_difference(expected.value, yours.value, tolerance=space.tolerance) is not None:
        finite = _is_finite(expected.value) and _is_finite(yours.value)
        return Kind.VALUES if finite else Kind.NOT_FINITE
    if space.exact_in_float64 and _find_coarse(expected.cells, yours.cells):
        return Kind.DIGITS
    return None


def make_counterexample(
    inputs: dict[str, Any], expected: CallOutcome, yours: CallOutcome, space: InputSpace
) -> Counterexample:
    """Write an example as rows; what was handed in is named as it is after the call."""
    left, right = _name_cells(expected, inputs), _name_cells(yours, inputs)
    if not expected.raised and not yours.raised:
        _fill_in(left, right, inputs)
    # by the judge's count: a space may have a cell of its own of this name
    said = tuple(dict.fromkeys(outcome.label for outcome in (expected, yours) if outcome.raised))
    differs = said or _find_differing(left, right, space)
    rows, of_yours = format_pairs(left, right, differs)
    return Counterexample(format_rows(inputs), of_yours, rows, differs)


def _name_cells(outcome: CallOutcome, inputs: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}{AFTER}" if name in inputs else name: value for name, value in outcome.cells.items()}


def _fill_in(expected: dict[str, Any], yours: dict[str, Any], inputs: dict[str, Any]) -> None:
    """Add what is expected where a space observes only what should not be.

    That is an input which has been changed, by its value before, and what is true and should not be.
    """
    for name, value in yours.items():
        before = inputs.get(name.removesuffix(AFTER)) if name.endswith(AFTER) else None
        if name not in expected and (before is not None or value is True):
            expected[name] = False if before is None else before


def _find_differing(expected: dict[str, Any], yours: dict[str, Any], space: InputSpace) -> tuple[str, ...]:
    """Find the names of the cells that differ.

    Each is compared beside the others as they should be, for its tolerance depends on them.
    """
    both = [name for name in expected if name in yours]
    wrong = [
        name
        for name in both
        if find_difference(expected, {**expected, name: yours[name]}, tolerance=space.tolerance)
    ]
    differing = (
        *wrong,
        *(name for name in expected if name not in yours),
        *(name for name in yours if name not in expected),
    )
    return differing or tuple(_find_coarse(expected, yours))


def _find_coarse(expected: dict[str, Any], yours: dict[str, Any]) -> list[str]:
    """Find the cells in float64 that hold numbers of float32, rounded.

    There are none if the first cell, the result, is not one of them: a buffer may stay in float32.
    """
    wide = [
        name
        for name, value in expected.items()
        if isinstance(value, codec.Array) and value.dtype == "float64"
    ]
    coarse = [
        name
        for name in wide
        if _is_narrow(yours[name].values)
        and not _is_narrow(expected[name].values)
        and find_difference(expected, {**expected, name: yours[name]}, tolerance=IN_FLOAT64) is not None
    ]
    return coarse if coarse[:1] == wide[:1] else []


def _is_narrow(values: np.ndarray[Any, Any]) -> bool:
    """Tell whether float32 holds each of these numbers exactly.

    Two ways to a result differ in float64 too, where numbers cancel; neither of them ends on such numbers.
    """
    with np.errstate(over="ignore"):
        return bool(np.array_equal(values, values.astype(np.float32), equal_nan=True))


def _is_finite(value: Any) -> bool:
    return all(np.isfinite(number).all() for number in _walk_numbers(value))


def _walk_numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, codec.Array):
        if value.values.dtype.kind in "fc":
            yield value.values
    elif isinstance(value, float):
        yield value
    elif isinstance(value, list | tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _walk_numbers(part)
