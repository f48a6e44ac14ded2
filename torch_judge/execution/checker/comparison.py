"""Compare two observations: structure, type, dtype, shape and finiteness first, then values.

Works on what came over the wire, in float64, with a tolerance that follows dtype and scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from torch_judge.authoring.complaints import read_complaints
from torch_judge.authoring.suite import Tolerance
from torch_judge.execution.protocol.codec import Array

from .formatting import name_kind, tell_numbers_apart

TOLERANCES: Final = {
    "float16": Tolerance(relative=2e-3, of_scale=2e-3),
    "bfloat16": Tolerance(relative=1.6e-2, of_scale=1.6e-2),
    "float32": Tolerance(relative=3e-5, of_scale=1e-5),
    "float64": Tolerance(relative=1e-9, of_scale=1e-10),
    "complex64": Tolerance(relative=3e-5, of_scale=1e-5),
    "complex128": Tolerance(relative=1e-9, of_scale=1e-10),
}
LONGEST_VALUE: Final = 80
SHARE_OF_WHOLE: Final = 0.01
"""An array that is zero but for rounding may be off by this share of what the largest array beside it may."""
ROUNDING_OF_WHOLE: Final = {"float64": 2.0**-53, "complex128": 2.0**-53}
"""By this share of the largest array what is left of what cancels may be off: 1 + erf(x) far below 0, say."""


def find_difference(expected: Any, found: Any, *, tolerance: Tolerance | None = None) -> str | None:
    """Find the first place where `found` differs from `expected`; a sentence on it, None if there is none.

    What a call must not do comes before all values.
    """
    if (complaints := read_complaints(found)) and not read_complaints(expected):
        return complaints[0]
    if misfit := find_misfit(expected, found):
        return misfit
    return _compare_values(expected, found, "", tolerance, measure_whole(expected))


def find_nearest_difference(
    choices: Sequence[Any], found: Any, *, tolerance: Tolerance | None = None
) -> str | None:
    """Find how `found` differs from the nearest of several right answers; None if it is one of them."""
    says = [find_difference(expected, found, tolerance=tolerance) for expected in choices]
    if None in says:
        return None
    nearest = min(zip(choices, says, strict=True), key=lambda pair: _count_wrong(pair[0], found, tolerance))
    if read_complaints(found) or all(find_misfit(expected, found) for expected in choices):
        return nearest[1]  # which has nothing to do with a convention
    return f"{nearest[1]}; {len(choices)} conventions are right here, and this keeps to none of them"


def _count_wrong(expected: Any, found: Any, tolerance: Tolerance | None) -> float:
    """Count the values that are wrong; what does not fit at all is further off than any number of them."""
    if find_misfit(expected, found):
        return float("inf")
    return sum(float(wrong.sum()) for _, wrong in find_wrong_places(expected, found, tolerance=tolerance))


def is_same(expected: Any, found: Any, *, tolerance: Tolerance | None, whole: float) -> bool:
    """Tell whether two parts of observations are the same; `whole` measures what the first is a part of."""
    return find_misfit(expected, found) is None and not _compare_values(expected, found, "", tolerance, whole)


def find_wrong_places(
    expected: Any, found: Any, *, tolerance: Tolerance | None = None
) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Yield each array that has wrong values, by its name, as where they are; the structures are the same."""
    whole = measure_whole(expected)
    for where, e, f in _walk_pairs(expected, found, ""):
        wrong = _find_wrong(e, f, tolerance, whole)
        if wrong.any():
            yield where or "result", wrong


def find_misfit(expected: Any, found: Any, where: str = "") -> str | None:
    """Find the first difference in structure, type, dtype or shape; a sentence on it, or None."""
    if _name_kind(expected) != _name_kind(found):
        return f"{where or 'result'}: expected {_describe(expected)}, found {_describe(found)}"
    if isinstance(expected, Array):
        return _find_array_misfit(expected, found, where)
    if isinstance(expected, dict) and list(expected) != list(found) and set(expected) != set(found):
        keys, others = _cut(", ".join(expected)), _cut(", ".join(found))
        return f"{where or 'result'}: expected the keys {keys}, found {others}"
    if isinstance(expected, list | tuple) and len(expected) != len(found):
        return f"{where or 'result'}: expected {len(expected)} values, found {len(found)}"
    pairs = _pair_children(expected, found, where)
    return next((says for path, e, f in pairs if (says := find_misfit(e, f, path))), None)


def _compare_values(
    expected: Any, found: Any, where: str, tolerance: Tolerance | None, scale: float
) -> str | None:
    if isinstance(expected, Array):
        return _compare_arrays(expected, found, where, tolerance, scale)
    if isinstance(expected, float):
        # a float of Python is often made of a float32 tensor, by item() or float()
        e, f = (Array("scalar", "float32", np.asarray(number)) for number in (expected, found))
        return _compare_arrays(e, f, where, tolerance, scale)
    if isinstance(expected, list | tuple | dict):
        pairs = _pair_children(expected, found, where)
        says = (_compare_values(e, f, path, tolerance, scale) for path, e, f in pairs)
        return next(filter(None, says), None)
    return None if expected == found else f"{where or 'result'}: expected {expected!r}, found {_quote(found)}"


def _find_array_misfit(expected: Array, found: Array, where: str) -> str | None:
    if expected.values.shape != found.values.shape:
        return f"{where or 'result'}: expected shape {expected.values.shape}, found {found.values.shape}"
    if expected.dtype != found.dtype:
        return f"{where or 'result'}: expected dtype {expected.dtype}, found {found.dtype}"
    return None


def _compare_arrays(
    expected: Array, found: Array, where: str, tolerance: Tolerance | None, whole: float
) -> str | None:
    wrong = _find_wrong(expected, found, tolerance, whole)
    if not wrong.any():
        return None
    index = tuple(int(axis) for axis in np.argwhere(wrong)[0]) if wrong.ndim else ()
    place = f"{where or 'result'}{list(index) if index else ''}"
    e, f = tell_numbers_apart(expected.values[index], found.values[index])
    count = int(np.count_nonzero(wrong))
    share = f" ({count} of {wrong.size} values differ)" if wrong.size > 1 else ""
    return f"{place}: expected {e}, found {f}{share}"


def _find_wrong(
    expected: Array, found: Array, tolerance: Tolerance | None, whole: float
) -> np.ndarray[Any, Any]:
    """Find where values differ by more than the tolerance; NaN and infinities match by position only."""
    e, f = expected.values, found.values
    if expected.dtype not in TOLERANCES:
        return np.asarray(e != f)
    if e.dtype == f.dtype and e.tobytes() == f.tobytes():  # as most are: nothing is to be measured then
        return np.zeros(e.shape, dtype=bool)
    wide = np.complex128 if np.iscomplexobj(e) else np.float64
    e, f = e.astype(wide), f.astype(wide)
    bound = tolerance or TOLERANCES[expected.dtype]
    with np.errstate(all="ignore"):
        # An array no larger than the rounding of the largest one beside it is zero but for noise, as a
        # gradient that cancels is: it may be off by that noise, for its own scale says nothing.
        noise = bound.of_scale * SHARE_OF_WHOLE * whole
        scale = expected.magnitude
        allowed = bound.relative * np.abs(e) + (noise if scale <= noise else bound.of_scale * scale)
        allowed += ROUNDING_OF_WHOLE.get(expected.dtype, 0.0) * whole
        near = np.abs(f - e) <= allowed
    same = (e == f) | (np.isnan(e) & np.isnan(f))
    return np.asarray(~np.where(np.isfinite(e), near, same))


def measure_whole(expected: Any) -> float:
    """Measure the largest array of an observation: to be zero but for rounding is to be small beside it."""
    scales = (array.magnitude for array in _walk_arrays(expected) if array.dtype in TOLERANCES)
    return max(scales, default=0.0)


def _walk_arrays(value: Any) -> Iterator[Array]:
    if isinstance(value, Array):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _walk_arrays(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _walk_arrays(part)


def _walk_pairs(expected: Any, found: Any, where: str) -> Iterator[tuple[str, Array, Array]]:
    if isinstance(expected, Array):
        yield where, expected, found
    for path, e, f in _pair_children(expected, found, where):
        yield from _walk_pairs(e, f, path)


def _pair_children(expected: Any, found: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(expected, dict):
        yield from (
            (f"{where}.{key}" if where else key, value, found[key]) for key, value in expected.items()
        )
    elif isinstance(expected, list | tuple):
        yield from ((f"{where}[{n}]", e, f) for n, (e, f) in enumerate(zip(expected, found, strict=True)))


def _name_kind(value: Any) -> str:
    if isinstance(value, Array):
        return value.kind
    return type(value).__name__


def _describe(value: Any) -> str:
    if isinstance(value, Array):
        name = f"a {name_kind(value)}"
        return f"{name} of shape {value.values.shape}" if value.values.shape else f"{name} without dimensions"
    if value is None:
        return "None"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{_add_article(type(value).__name__)} ({_quote(value)})"


def _add_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _quote(value: Any) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
