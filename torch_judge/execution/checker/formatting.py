"""Values as the short texts of a table: `[[1., 2.]]`, with as many digits as tell two of them apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from torch_judge.execution.protocol.codec import Array
from torch_judge.model.report import Rows

LONGEST_CELL: Final = 160
FEWEST_DIGITS: Final = 4
MOST_DIGITS: Final = 17
RESULT: Final = "result"
RAISED: Final = "raised"


def cells(value: Any) -> dict[str, Any]:
    """Return what is to be shown line by line: the values of a dict by name, all else as one result."""
    return value if isinstance(value, dict) and value else {RESULT: value}


def rows(values: dict[str, Any]) -> Rows:
    """Return values as texts."""
    return tuple((name, cell(value)) for name, value in values.items())


def pairs_of_rows(
    expected: dict[str, Any], yours: dict[str, Any], differs: tuple[str, ...]
) -> tuple[Rows, Rows]:
    """Return both sides as texts; where values differ, their texts do."""
    both = {
        name: tell_apart(expected[name], yours[name])
        for name in differs
        if name in expected and name in yours
    }
    left = tuple((name, both[name][0] if name in both else cell(value)) for name, value in expected.items())
    right = tuple((name, both[name][1] if name in both else cell(value)) for name, value in yours.items())
    return left, right


def tell_apart(first: Any, second: Any) -> tuple[str, str]:
    """Return two values that differ as texts that differ: with their types if these do, else with as many digits as it takes."""
    if _type(first) != _type(second):
        return f"{cell(first)} ({_type(first)})", f"{cell(second)} ({_type(second)})"
    for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1):
        pair = cell(first, digits), cell(second, digits)
        if pair[0] != pair[1]:
            return pair
    return cell(first), cell(second)


def cell(value: Any, digits: int = FEWEST_DIGITS) -> str:
    """Return a value as one short line."""
    text = "".join(_parts(value, digits))
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 3]}..."


def _parts(value: Any, digits: int) -> Iterator[str]:
    if isinstance(value, Array):
        yield from _array(value.values, digits)
    elif isinstance(value, float):
        yield _number(value, digits)
    elif isinstance(value, list | tuple):
        yield "[" if isinstance(value, list) else "("
        for n, each in enumerate(value):
            yield from (", " if n else "", *_parts(each, digits))
        yield "]" if isinstance(value, list) else ")"
    elif isinstance(value, dict):
        for n, (name, each) in enumerate(value.items()):
            yield from (", " if n else "{", f"{name}: ", *_parts(each, digits))
        yield "}"
    else:
        yield str(value)


def _array(values: np.ndarray[Any, Any], digits: int) -> Iterator[str]:
    if values.ndim == 0:
        yield _number(values[()], digits)
        return
    if values.size > LONGEST_CELL:
        yield f"shape {values.shape}"
        return
    yield "["
    for n, each in enumerate(values):
        yield ", " if n else ""
        yield from _array(np.asarray(each), digits)
    yield "]"


def _number(value: Any, digits: int) -> str:
    """Return a number as Python's floats are written, but short: `1.`, `0.3333`, `1e-05`."""
    if isinstance(value, bool | np.bool_ | np.integer):
        return str(value)
    if np.iscomplexobj(value):
        return format(complex(value), f".{digits}g")
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    text = format(number + 0.0, f".{digits}g")
    return text if "." in text or "e" in text else f"{text}."


def _type(value: Any) -> str:
    if isinstance(value, Array):
        kind = {"tensor": "tensor", "array": "NumPy array", "scalar": "NumPy scalar"}[value.kind]
        return f"{value.dtype} {kind}"
    return type(value).__name__
