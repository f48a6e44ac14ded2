"""Compare two observations: structure, type, dtype, shape and finiteness first, then values.

Works on what came over the wire, in float64, with a tolerance that follows dtype and scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from torch_judge.authoring.suite import Tolerance
from torch_judge.execution.protocol.codec import Array

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


def first_difference(expected: Any, found: Any, *, tolerance: Tolerance | None = None) -> str | None:
    """Return a sentence on the first place where `found` differs from `expected`, None if nowhere."""
    if misfit := first_misfit(expected, found):
        return misfit
    return _values(expected, found, "", tolerance, _share_of_whole(expected))


def wrong_places(
    expected: Any, found: Any, *, tolerance: Tolerance | None = None
) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Yield each array that has wrong values, by its name, as where they are; the structures are the same."""
    whole = _share_of_whole(expected)
    for where, e, f in _pairs(expected, found, ""):
        wrong = _wrong(e, f, tolerance, whole)
        if wrong.any():
            yield where or "result", wrong


def first_misfit(expected: Any, found: Any, where: str = "") -> str | None:
    """Return a sentence on the first difference in structure, type, dtype or shape, None if there is none."""
    if _kind(expected) != _kind(found):
        return f"{where or 'result'}: expected {_describe(expected)}, found {_describe(found)}"
    if isinstance(expected, Array):
        return _array_misfit(expected, found, where)
    if isinstance(expected, dict) and list(expected) != list(found) and set(expected) != set(found):
        return f"{where or 'result'}: expected the keys {_cut(', '.join(expected))}, found {_cut(', '.join(found))}"
    if isinstance(expected, list | tuple) and len(expected) != len(found):
        return f"{where or 'result'}: expected {len(expected)} values, found {len(found)}"
    return next(
        (each for path, e, f in _children(expected, found, where) if (each := first_misfit(e, f, path))), None
    )


def _values(expected: Any, found: Any, where: str, tolerance: Tolerance | None, scale: float) -> str | None:
    if isinstance(expected, Array):
        return _array_difference(expected, found, where, tolerance, scale)
    if isinstance(expected, float):
        both = [Array("scalar", "float32", np.asarray(each)) for each in (expected, found)]
        return _array_difference(both[0], both[1], where, tolerance, scale)
    if isinstance(expected, list | tuple | dict):
        pairs = _children(expected, found, where)
        return next((each for path, e, f in pairs if (each := _values(e, f, path, tolerance, scale))), None)
    return None if expected == found else f"{where or 'result'}: expected {expected!r}, found {_short(found)}"


def _array_misfit(expected: Array, found: Array, where: str) -> str | None:
    if expected.values.shape != found.values.shape:
        return f"{where or 'result'}: expected shape {expected.values.shape}, found {found.values.shape}"
    if expected.dtype != found.dtype:
        return f"{where or 'result'}: expected dtype {expected.dtype}, found {found.dtype}"
    return None


def _array_difference(
    expected: Array, found: Array, where: str, tolerance: Tolerance | None, whole: float
) -> str | None:
    wrong = _wrong(expected, found, tolerance, whole)
    if not wrong.any():
        return None
    index = tuple(int(each) for each in np.argwhere(wrong)[0]) if wrong.ndim else ()
    place = f"{where or 'result'}{list(index) if index else ''}"
    e, f = _tell_apart(expected.values[index], found.values[index])
    count = int(np.count_nonzero(wrong))
    share = f" ({count} of {wrong.size} values differ)" if wrong.size > 1 else ""
    return f"{place}: expected {e}, found {f}{share}"


def _wrong(expected: Array, found: Array, tolerance: Tolerance | None, whole: float) -> np.ndarray[Any, Any]:
    """Return where the values differ by more than the tolerance; NaN and infinities match by position only."""
    e, f = expected.values, found.values
    if expected.dtype not in TOLERANCES:
        return np.asarray(e != f)
    wide = np.complex128 if np.iscomplexobj(e) else np.float64
    e, f = e.astype(wide), f.astype(wide)
    bound = tolerance or TOLERANCES[expected.dtype]
    finite = np.isfinite(e)
    with np.errstate(all="ignore"):
        noise = bound.of_scale * whole
        scale = _scale(expected)
        allowed = bound.relative * np.abs(e) + (noise if scale <= noise else bound.of_scale * scale)
        near = np.abs(f - e) <= allowed
    same = (e == f) | (np.isnan(e) & np.isnan(f))
    return np.asarray(~np.where(finite, near, same))


def _share_of_whole(expected: Any) -> float:
    return max((_scale(each) for each in _arrays(expected)), default=0.0) * SHARE_OF_WHOLE


def _scale(array: Array) -> float:
    """Return the largest finite magnitude in an array of floating-point numbers."""
    if array.dtype not in TOLERANCES:
        return 0.0
    finite = array.values[np.isfinite(array.values)]
    magnitudes = np.abs(finite.astype(np.complex128 if np.iscomplexobj(finite) else np.float64))
    return float(magnitudes.max()) if magnitudes.size else 0.0


def _arrays(value: Any) -> Iterator[Array]:
    if isinstance(value, Array):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _arrays(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _arrays(each)


def _pairs(expected: Any, found: Any, where: str) -> Iterator[tuple[str, Array, Array]]:
    if isinstance(expected, Array):
        yield where, expected, found
    for path, e, f in _children(expected, found, where):
        yield from _pairs(e, f, path)


def _children(expected: Any, found: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(expected, dict):
        yield from ((f"{where}.{key}" if where else key, each, found[key]) for key, each in expected.items())
    elif isinstance(expected, list | tuple):
        yield from ((f"{where}[{n}]", e, f) for n, (e, f) in enumerate(zip(expected, found, strict=True)))


def _kind(value: Any) -> str:
    if isinstance(value, Array):
        return value.kind
    return type(value).__name__


def _describe(value: Any) -> str:
    if isinstance(value, Array):
        name = {"tensor": "a tensor", "array": "a NumPy array", "scalar": "a NumPy scalar"}[value.kind]
        return f"{name} of shape {value.values.shape}" if value.values.shape else f"{name} without dimensions"
    if value is None:
        return "None"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{_article(type(value).__name__)} ({_short(value)})"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _short(value: Any) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _tell_apart(expected: Any, found: Any) -> tuple[str, str]:
    """Return both numbers with as few digits as tell them apart."""
    for digits in range(3, 18):
        pair = _number(expected, digits), _number(found, digits)
        if pair[0] != pair[1]:
            return pair
    return str(expected), str(found)


def _number(value: Any, digits: int) -> str:
    if isinstance(value, bool | np.bool_ | np.integer):
        return str(value)
    return format(complex(value) if np.iscomplexobj(value) else float(value), f".{digits}g")
