"""Compare observations field by field: which are wrong, and which of them are wrong in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch_judge.authoring.suite import Tolerance

from .comparison import is_same, measure_whole

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of what a submission does wrong in a case a gotcha does in the same way."""

    same: tuple[int, ...]
    """Which of the submission's wrong fields, by their places in the order of names."""
    wrong: int
    """How many fields of the submission's are wrong."""
    either: int
    """How many are wrong in either."""


def list_fields(value: Any) -> dict[str, Any]:
    """List the values that an observation holds, by their places in it."""
    return dict(_walk(value, ""))


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
    same = tuple(
        place
        for place, name in enumerate(sorted(wrong))
        if name in also and _agree(gotcha, found, name, tolerance, whole)
    )
    return Likeness(same, len(wrong), len(wrong | also))


def _agree(gotcha: Fields, found: Fields, name: str, tolerance: Tolerance | None, whole: float) -> bool:
    if name not in found or name not in gotcha:
        return name not in found and name not in gotcha
    return is_same(gotcha[name], found[name], tolerance=tolerance, whole=whole)
