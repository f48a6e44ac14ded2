"""Values as short texts: numbers for sentences, whole values for the cells of a table.

A number has as many digits as tell it apart from another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np

from torch_judge.execution.protocol.codec import Array
from torch_judge.model.report import Rows

LONGEST_CELL: Final = 160
FEWEST_DIGITS: Final = 3
FEWEST_DIGITS_OF_A_CELL: Final = 4
MOST_DIGITS: Final = 17
"""No two float64 numbers that differ read the same with so many."""
RESULT: Final = "result"
RAISED: Final = "raised"
COMPLAINT: Final = "what is wrong"
"""What is said of a submission that cannot be observed, such as a module without a buffer."""


def split_cells(value: Any) -> dict[str, Any]:
    """Split what is shown line by line: the values of a dict by name, all else as one result."""
    return value if isinstance(value, dict) and value else {RESULT: value}


def format_rows(values: dict[str, Any]) -> Rows:
    """Write values as rows of a table."""
    return tuple((name, format_cell(value)) for name, value in values.items())


def format_pairs(
    expected: dict[str, Any], yours: dict[str, Any], differs: tuple[str, ...]
) -> tuple[Rows, Rows]:
    """Write both sides as rows of a table; where values differ, their texts do."""
    both = [name for name in differs if name in expected and name in yours]
    pairs = {name: tell_cells_apart(expected[name], yours[name]) for name in both}
    left = {name: pairs[name][0] if name in pairs else format_cell(expected[name]) for name in expected}
    right = {name: pairs[name][1] if name in pairs else format_cell(yours[name]) for name in yours}
    return tuple(left.items()), tuple(right.items())


def tell_cells_apart(first: Any, second: Any) -> tuple[str, str]:
    """Write two values that differ as texts that differ: with their types if these do, else with digits."""
    if _name_type(first) != _name_type(second):
        return (
            f"{format_cell(first)} ({_name_type(first)})",
            f"{format_cell(second)} ({_name_type(second)})",
        )
    pair = _tell_apart(first, second, format_cell, fewest=FEWEST_DIGITS_OF_A_CELL)
    return pair or (format_cell(first), format_cell(second))


def tell_numbers_apart(first: Any, second: Any) -> tuple[str, str]:
    """Write two numbers for a sentence, with as few digits as tell them apart: `1`, `0.333`, `1e-05`."""
    pair = _tell_apart(first, second, partial(_format_number, dotted=False), fewest=FEWEST_DIGITS)
    return pair or (str(first), str(second))


def _tell_apart(
    first: Any, second: Any, write: Callable[[Any, int], str], *, fewest: int
) -> tuple[str, str] | None:
    for digits in range(fewest, MOST_DIGITS + 1):
        pair = write(first, digits), write(second, digits)
        if pair[0] != pair[1]:
            return pair
    return None


def format_cell(value: Any, digits: int = FEWEST_DIGITS_OF_A_CELL) -> str:
    """Write a value as one short line."""
    text = "".join(_write_parts(value, digits))
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 3]}..."


def _write_parts(value: Any, digits: int) -> Iterator[str]:
    if isinstance(value, Array):
        yield from _write_array(value.values, digits)
    elif isinstance(value, float):
        yield _format_number(value, digits)
    elif isinstance(value, list | tuple):
        yield "[" if isinstance(value, list) else "("
        for n, part in enumerate(value):
            yield from (", " if n else "", *_write_parts(part, digits))
        yield "]" if isinstance(value, list) else ")"
    elif isinstance(value, dict):
        for n, (name, part) in enumerate(value.items()):
            yield from (", " if n else "{", f"{name}: ", *_write_parts(part, digits))
        yield "}"
    else:
        yield str(value)


def _write_array(values: np.ndarray[Any, Any], digits: int) -> Iterator[str]:
    if values.ndim == 0:
        yield _format_number(values[()], digits)
        return
    if values.size > LONGEST_CELL:
        yield f"shape {values.shape}"
        return
    yield "["
    for n, part in enumerate(values):
        yield ", " if n else ""
        yield from _write_array(np.asarray(part), digits)
    yield "]"


def _format_number(value: Any, digits: int, *, dotted: bool = True) -> str:
    """Write a number short: `1`, `0.3333`, `1e-05`; dotted, like a float of Python: `1.`, and never `-0.`."""
    if isinstance(value, bool | np.bool_ | np.integer):
        return str(value)
    if np.iscomplexobj(value):
        return format(complex(value), f".{digits}g")
    number = float(value)
    if not dotted or not math.isfinite(number):
        return format(number, f".{digits}g")
    text = format(number + 0.0, f".{digits}g")  # -0.0 + 0.0 is 0.0
    return text if "." in text or "e" in text else f"{text}."


def name_kind(array: Array) -> str:
    """Name what an array was in the process that it came from."""
    return {"tensor": "tensor", "array": "NumPy array", "scalar": "NumPy scalar"}[array.kind]


def _name_type(value: Any) -> str:
    return f"{value.dtype} {name_kind(value)}" if isinstance(value, Array) else type(value).__name__
