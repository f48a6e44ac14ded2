"""The error map: where in a tensor the values are wrong, as a grid that a person takes in at a glance."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from torch_judge.authoring.suite import Tolerance
from torch_judge.model.report import ErrorMap

from .comparison import find_misfit, find_wrong_places

MOST_ROWS: Final = 16
MOST_COLUMNS: Final = 32
FEWEST_VALUES: Final = 8
MOST_VALUES: Final = 1 << 20
ALL: Final = 9
"""The digit of a place where every value is wrong."""


def make_error_map(expected: Any, found: Any, *, tolerance: Tolerance | None = None) -> ErrorMap | None:
    """Make a map of the first array with wrong values.

    None where there is no such array, or it is too small or too large for a map.
    """
    if find_misfit(expected, found):
        return None
    where, wrong = next(find_wrong_places(expected, found, tolerance=tolerance), ("", np.zeros(0, bool)))
    if not FEWEST_VALUES <= wrong.size <= MOST_VALUES:
        return None
    return ErrorMap(where, tuple(wrong.shape), int(np.count_nonzero(wrong)), _draw_grid(wrong))


def _draw_grid(wrong: np.ndarray[Any, Any]) -> tuple[str, ...]:
    """Draw rows of digits: all axes but the last are rows, the last is the columns."""
    flat = wrong.reshape(-1, wrong.shape[-1])
    tops, lefts = _divide(flat.shape[0], MOST_ROWS), _divide(flat.shape[1], MOST_COLUMNS)
    counts = _sum_places(flat.astype(np.int64), tops, lefts)
    sizes = _sum_places(np.ones_like(flat, np.int64), tops, lefts)
    return tuple(
        "".join(_choose_digit(int(n), int(of)) for n, of in zip(*row, strict=True))
        for row in zip(counts, sizes, strict=True)
    )


def _divide(length: int, most: int) -> list[int]:
    """Divide a length into at most so many stretches of nearly equal length; where each begins."""
    parts = min(length, most)
    return [n * length // parts for n in range(parts)]


def _sum_places(values: np.ndarray[Any, Any], tops: list[int], lefts: list[int]) -> np.ndarray[Any, Any]:
    return np.asarray(np.add.reduceat(np.add.reduceat(values, tops, axis=0), lefts, axis=1))


def _choose_digit(wrong: int, of: int) -> str:
    """Choose the digit for a share of wrong values; only none is 0, and only all is 9."""
    return str(ALL if wrong == of else min(math.ceil(wrong * ALL / of), ALL - 1))
