"""Compare observations field by field: which are wrong, and which of them are wrong in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from torch_judge.authoring.complaints import COMPLAINTS, leave_out_complaints, read_complaints
from torch_judge.authoring.suite import Tolerance
from torch_judge.execution.protocol.codec import Array

from .comparison import is_same, measure_whole

Fields = Mapping[str, Any]
ROUNDING: Final = 2e-6
"""In float64, what is off by so little was rounded to float32; how exactly, depends on the order of sums."""
_NUMBER: Final = re.compile(r"-?\d[\d.e+-]*")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of what a submission does wrong in a case a gotcha does in the same way."""

    same: tuple[int, ...]
    """Which of the submission's wrong fields, by their places in the order of names."""
    shared: int
    """How many of them are wrong in the gotcha's too, in whichever way."""
    wrong: int
    """How many fields of the submission's are wrong."""
    either: int
    """How many are wrong in either."""


def list_fields(value: Any) -> dict[str, Any]:
    """List the values that an observation holds, by their places in it, and what is complained of."""
    complaints = {f"{COMPLAINTS}: {leave_out_numbers(says)}": says for says in read_complaints(value)}
    return dict(_walk(leave_out_complaints(value), "")) | complaints


def leave_out_numbers(sentence: str) -> str:
    """Return a sentence without its numbers, which are the inputs' and not the mistake's."""
    return _NUMBER.sub("#", sentence)


def _walk(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, f"{where}.{key}" if where else key)
    elif isinstance(value, list | tuple):
        yield f"{where}#", (type(value).__name__, len(value))
        for number, part in enumerate(value):
            yield from _walk(part, f"{where}[{number}]")
    else:
        yield where, value


def find_wrong_fields(expected: Fields, found: Fields, tolerance: Tolerance | None) -> frozenset[str]:
    """Find the fields that are wrong, or that only one of two observations has."""
    whole = measure_whole(list(expected.values()))
    shared = expected.keys() & found.keys()
    differ = (
        name for name in shared if not is_same(expected[name], found[name], tolerance=tolerance, whole=whole)
    )
    return frozenset(differ) | (expected.keys() ^ found.keys())


def compare_wrong_fields(
    expected: Fields, found: Fields, gotcha: Fields, wrong: frozenset[str], tolerance: Tolerance | None
) -> Likeness:
    """Compare what a submission does wrong with what a gotcha does in the same case.

    `wrong` are the submission's wrong fields.
    """
    also = find_wrong_fields(expected, gotcha, tolerance)
    whole = measure_whole(list(gotcha.values()))

    def agrees(name: str) -> bool:
        if name not in found or name not in gotcha:
            return name not in found and name not in gotcha
        does, did = gotcha[name], found[name]
        right = expected.get(name)
        return is_same(does, did, tolerance=tolerance, whole=whole) or _are_both_rounded(right, does, did)

    same = tuple(place for place, name in enumerate(sorted(wrong)) if name in also and agrees(name))
    return Likeness(same, len(wrong & also), len(wrong), len(wrong | also))


def is_only_rounded(expected: Any, found: Any) -> bool:
    """Tell whether an array of float64 is what it should be but for the digits that float32 has not."""
    if not isinstance(expected, Array) or not isinstance(found, Array):
        return False
    kinds = expected.dtype, found.dtype, expected.values.shape == found.values.shape
    if kinds != ("float64", "float64", True) or not expected.values.size:
        return False
    scale = float(np.max(np.abs(expected.values), initial=0.0))
    return bool(np.all(np.abs(found.values - expected.values) <= ROUNDING * scale))


def _are_both_rounded(expected: Any, one: Any, other: Any) -> bool:
    """Tell whether two arrays lack the digits that float32 has not, and lean to the same side if they do."""
    return all(is_only_rounded(expected, found) for found in (one, other)) and (
        _leans(expected, one) == _leans(expected, other)
    )


def _leans(expected: Array, found: Array) -> bool:
    """Tell whether all numbers are off to the same side, as by something that was added; rounding is not."""
    off = found.values - expected.values
    return bool(np.all(off >= 0) or np.all(off <= 0))
