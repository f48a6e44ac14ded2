"""The conditions of conditional faults: what may hold of the arrays of a call, and of autograd around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from .fault_call_conditions import list_call_conditions
from .fault_calls import Call, Condition
from .fault_surface import Place, Surface
from .fault_values import (
    as_numbers,
    find_torch,
    is_contiguous,
    is_floating,
    measure,
    name_dtype,
    needs_gradient,
)

FAR_OUT: Final = 100.0
CLOSE_TO_ZERO: Final = 1e-3
LAST: Final = -1
MANY: Final = (16, 128, 1024)
Test = Callable[[Any], bool]


def list_conditions(surface: Surface) -> tuple[Condition, ...]:
    """List the conditions that can apply to an entry point."""
    found = [
        *(_list_gradients(surface) if surface.tensors else ()),
        *(() if surface.first is None else _list_first(surface.first)),
        *(condition for place in surface.places.values() for condition in _list_of_place(place)),
        *list_call_conditions(surface),
    ]
    return tuple({condition.name: condition for condition in found}.values())


def _list_gradients(surface: Surface) -> Iterator[Condition]:
    gradients = frozenset({"gradients"})
    yield Condition("gradients_off", "gradients are off", _has_gradients_off, gradients)
    yield Condition("inference_mode", "inference mode is on", _is_in_inference_mode, gradients)
    followed = [place.name for place in surface.places.values() if place.differentiable]
    if followed:
        says = "nothing needs a gradient though gradients are on"
        yield Condition("no_gradient_needed", says, _needs_no_gradient, gradients)
    for name in followed if len(followed) > 1 else ():
        yield Condition(
            f"no_gradient_for({name})",
            f"{name} needs no gradient while another does",
            partial(_leaves_out, name=name),
            frozenset({f"gradient of {name}", *(["no gradient due"] if surface.differentiable else [])}),
        )


def _has_gradients_off(_: Call) -> bool:
    torch = find_torch()
    return not torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def _is_in_inference_mode(_: Call) -> bool:
    return bool(find_torch().is_inference_mode_enabled())


def _needs_no_gradient(call: Call) -> bool:
    return find_torch().is_grad_enabled() and not any(map(needs_gradient, call.places.values()))


def _leaves_out(call: Call, name: str) -> bool:
    return (
        name in call.places
        and find_torch().is_grad_enabled()
        and not needs_gradient(call.places[name])
        and any(map(needs_gradient, call.places.values()))
    )


def _on(name: str, test: Test) -> Callable[[Call], bool]:
    """Make a test of an array one of the call that it is passed in."""
    return partial(_test_place, name=name, test=test)


def _test_place(call: Call, name: str, test: Test) -> bool:
    return name in call.places and test(call.places[name])


def _list_first(first: Place) -> Iterator[Condition]:
    """List what may hold of the first array that is passed: its sizes, its dtype, its magnitude."""
    for axis in (*range(max(1, first.dimensions - 1)), *([LAST] if first.dimensions > 1 else [])):
        name, says = _name_axis(axis)
        yield Condition(
            f"one_{name}", f"there is one {says}", _on(first.name, partial(_is_single, axis=axis))
        )
        for many in MANY if axis in {0, LAST} else ():
            test = partial(_is_longer, axis=axis, size=many)
            yield Condition(
                f"{name}s_over({many})", f"there are more than {many} {says}s", _on(first.name, test)
            )
    if not first.floating:
        return
    for dtype, other in (("float64", "float32"), ("float32", "float64")):
        test = partial(_is_of, dtype=dtype)
        yield Condition(dtype, f"{first.name} is {dtype}", _on(first.name, test), frozenset({other}))
    yield Condition("values_over_100", f"{first.name} has values over 100", _on(first.name, _is_far_out))
    yield Condition(
        "values_below_0.001",
        f"all values of {first.name} are below 0.001",
        _on(first.name, _is_tiny),
        frozenset({f"{first.name} far out"}),
    )


def _name_axis(axis: int) -> tuple[str, str]:
    if axis == 0:
        return "row", "row"
    return ("column", "column") if axis == LAST else (f"along_axis_{axis}", f"entry along axis {axis}")


def _is_single(value: Any, axis: int) -> bool:
    return _measure_axis(value, axis) == 1


def _is_longer(value: Any, axis: int, size: int) -> bool:
    return _measure_axis(value, axis) > size


def _measure_axis(value: Any, axis: int) -> int:
    """Measure an axis, 0 where there is none; the last one, whatever its number, is that of the columns."""
    between = 0 < axis < value.ndim - 1
    is_there = between or (axis == 0 and value.ndim > 0) or (axis == LAST and value.ndim > 1)
    return int(value.shape[axis]) if is_there else 0


def _is_of(value: Any, dtype: str) -> bool:
    return name_dtype(value) == dtype


def _is_far_out(value: Any) -> bool:
    return measure(value) > FAR_OUT


def _is_tiny(value: Any) -> bool:
    return 0 < measure(value) < CLOSE_TO_ZERO


def _list_of_place(place: Place) -> Iterator[Condition]:
    """List what may hold of one array."""
    name, far = place.name, frozenset({f"{place.name} far out"})
    if place.floating and place.dimensions:
        for word, number in (("zeros", 0.0), ("ones", 1.0)):
            test = partial(_holds_only, number=number)
            yield Condition(f"{word}({name})", f"{name} is all {word}", _on(name, test), far)
    if place.floating and place.dimensions and place.is_argument:
        yield Condition(f"all_equal({name})", f"all of {name} is equal", _on(name, _is_constant))
    if place.dimensions and place.is_argument:
        yield Condition(f"not_contiguous({name})", f"{name} is not contiguous", _on(name, _has_gaps))


def _holds_only(value: Any, number: float) -> bool:
    numbers = as_numbers(value)
    return is_floating(value) and numbers.size > 0 and bool((numbers == number).all())


def _is_constant(value: Any) -> bool:
    """Tell whether all numbers are the same one, but for 0 and 1, which are conditions of their own."""
    numbers = as_numbers(value)
    if numbers.size <= 1 or numbers.flat[0] in {0, 1}:
        return False
    return bool((numbers == numbers.flat[0]).all())


def _has_gaps(value: Any) -> bool:
    return not is_contiguous(value)
