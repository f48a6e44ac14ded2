"""Where in a tensor the values are wrong, as a grid so coarse that a person sees it at a glance."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from torch_judge.authoring.suite import Tolerance
from torch_judge.model.report import ErrorMap

from .comparison import first_misfit, wrong_places

MOST_ROWS: Final = 16
MOST_COLUMNS: Final = 32
FEWEST_VALUES: Final = 8
MOST_VALUES: Final = 1 << 20
ALL: Final = 9
"""The digit of a place where every value is wrong."""


def first_picture(expected: Any, found: Any, *, tolerance: Tolerance | None = None) -> ErrorMap | None:
    """Return a picture of the first array with wrong values; None where there is none, or it is too small or too large for one."""
    if first_misfit(expected, found):
        return None
    where, wrong = next(wrong_places(expected, found, tolerance=tolerance), ("", np.zeros(0, bool)))
    if not FEWEST_VALUES <= wrong.size <= MOST_VALUES:
        return None
    return ErrorMap(where, tuple(wrong.shape), int(np.count_nonzero(wrong)), _grid(wrong))


def _grid(wrong: np.ndarray[Any, Any]) -> tuple[str, ...]:
    """Return the rows of digits: all axes but the last are rows, the last is the columns."""
    flat = wrong.reshape(-1, wrong.shape[-1])
    tops, lefts = (
        _starts(length, most) for length, most in zip(flat.shape, (MOST_ROWS, MOST_COLUMNS), strict=True)
    )
    counts = _sums(flat.astype(np.int64), tops, lefts)
    sizes = _sums(np.ones_like(flat, np.int64), tops, lefts)
    return tuple(
        "".join(_digit(int(n), int(of)) for n, of in zip(*row, strict=True))
        for row in zip(counts, sizes, strict=True)
    )


def _starts(length: int, most: int) -> list[int]:
    """Return where each of at most so many stretches of nearly equal length begins."""
    parts = min(length, most)
    return [n * length // parts for n in range(parts)]


def _sums(values: np.ndarray[Any, Any], tops: list[int], lefts: list[int]) -> np.ndarray[Any, Any]:
    return np.asarray(np.add.reduceat(np.add.reduceat(values, tops, axis=0), lefts, axis=1))


def _digit(wrong: int, of: int) -> str:
    """Return the share of wrong values as a digit; only none is 0, and only all is 9."""
    return str(ALL if wrong == of else min(math.ceil(wrong * ALL / of), ALL - 1))
