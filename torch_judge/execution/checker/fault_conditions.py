"""The conditions of conditional faults: what may hold of a call of the jury solution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from .fault_calls import Call, Event, Stage
from .fault_surface import Place, Surface, list_modes
from .fault_values import (
    as_numbers,
    find_torch,
    is_contiguous,
    is_floating,
    is_module,
    measure,
    name_dtype,
    needs_gradient,
)

FAR_OUT: Final = 100.0
CLOSE_TO_ZERO: Final = 1e-3
MANY: Final = (16, 128, 1024)
EVENTS: Final = {
    Event.COPIED: ("after_deepcopy", "the object is a deep copy"),
    Event.LOADED: ("after_load_state_dict", "a state dict was loaded"),
    Event.DOUBLED: ("after_double", "the module was turned into float64"),
    Event.MODE_WRITTEN: ("training_written", ".training was written directly"),
    Event.CHANGED_OUTSIDE: (
        "state_changed_outside",
        "the state was changed from outside since the last call",
    ),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds of a call or does not."""

    name: str
    says: str
    """The words after "when"."""
    holds: Callable[[Call], bool]
    excludes: frozenset[str] = frozenset()
    """What effects need, and cannot have where it holds: such a fault contradicts itself."""
    making: bool = False
    """It may hold of the making of an object; then it holds of the calls of that object too."""


def _condition(
    name: str, says: str, holds: Callable[[Call], Any], *excludes: str, making: bool = False
) -> Condition:
    return Condition(name, says, lambda call: bool(holds(call)), frozenset(excludes), making)


def list_conditions(surface: Surface) -> tuple[Condition, ...]:
    """List the conditions that can apply to an entry point."""
    found = [
        *(_list_gradients(surface) if surface.tensors else ()),
        *_list_first(surface),
        *(condition for place in surface.places.values() for condition in _list_of_place(place)),
        *_list_options(surface),
        *_list_modes(surface),
        *_list_history(surface),
    ]
    return tuple({condition.name: condition for condition in found}.values())


def _list_gradients(surface: Surface) -> Iterator[Condition]:
    torch = find_torch()
    yield _condition(
        "gradients_off",
        "gradients are off",
        lambda call: not torch.is_grad_enabled() and not torch.is_inference_mode_enabled(),
        "gradients",
    )
    yield _condition(
        "inference_mode", "it is in inference mode", lambda _: torch.is_inference_mode_enabled(), "gradients"
    )
    followed = [place.name for place in surface.places.values() if place.differentiable]
    if followed:
        yield _condition(
            "no_gradient_needed",
            "nothing needs a gradient though gradients are on",
            lambda call: torch.is_grad_enabled() and not any(map(needs_gradient, call.places.values())),
            "gradients",
        )
    if len(followed) > 1:
        yield from (_lacks_gradient(name) for name in followed)


def _lacks_gradient(name: str) -> Condition:
    def holds(call: Call) -> bool:
        value = call.places.get(name)
        return (
            value is not None
            and find_torch().is_grad_enabled()
            and not needs_gradient(value)
            and any(map(needs_gradient, call.places.values()))
        )

    says = f"{name} needs no gradient while another does"
    return _condition(f"no_gradient_for({name})", says, holds, f"gradient of {name}")


def _list_first(surface: Surface) -> Iterator[Condition]:
    """List what may hold of the first array that is passed: its sizes, its dtype, its magnitude."""
    if (first := surface.first) is None:
        return

    def of(test: Callable[[Any], Any]) -> Callable[[Call], Any]:
        return lambda call: first.name in call.places and test(call.places[first.name])

    for axis in range(first.dimensions):
        name, says = _name_axis(axis, first.dimensions)
        yield _condition(f"one_{name}", f"there is one {says}", of(lambda x, a=axis: _size(x, a) == 1))
    for axis in sorted({0, first.dimensions - 1}) if first.dimensions else ():
        name, says = _name_axis(axis, first.dimensions)
        for many in MANY:
            yield _condition(
                f"{name}s_over({many})",
                f"there are more than {many} {says}s",
                of(lambda x, a=axis, m=many: _size(x, a) > m),
            )
    if not first.floating:
        return
    yield _condition(
        "float64", f"{first.name} is float64", of(lambda x: name_dtype(x) == "float64"), "float32"
    )
    yield _condition(
        "float32", f"{first.name} is float32", of(lambda x: name_dtype(x) == "float32"), "float64"
    )
    far = f"{first.name} far out"
    yield _condition("values_over_100", "values are over 100", of(lambda x: measure(x) > FAR_OUT))
    yield _condition(
        "values_below_0.001",
        "all values are below 0.001",
        of(lambda x: 0 < measure(x) < CLOSE_TO_ZERO),
        far,
    )


def _size(value: Any, axis: int) -> int:
    return value.shape[axis] if axis < value.ndim else -1


def _name_axis(axis: int, dimensions: int) -> tuple[str, str]:
    if axis == 0:
        return "row", "row"
    return (
        ("column", "column") if axis == dimensions - 1 else (f"along_axis_{axis}", f"entry along axis {axis}")
    )


def _list_of_place(place: Place) -> Iterator[Condition]:
    """List what may hold of one array."""

    def of(test: Callable[[Any], Any]) -> Callable[[Call], Any]:
        return lambda call: place.name in call.places and test(call.places[place.name])

    far = f"{place.name} far out"
    if place.floating and place.dimensions:
        yield _condition(
            f"zeros({place.name})", f"{place.name} is all zeros", of(lambda x: _holds_only(x, 0)), far
        )
        yield _condition(
            f"ones({place.name})", f"{place.name} is all ones", of(lambda x: _holds_only(x, 1)), far
        )
    if place.floating and place.dimensions and place.is_argument:
        yield _condition(f"all_equal({place.name})", f"all of {place.name} is equal", of(_is_constant))
    if place.dimensions and place.is_argument:
        yield _condition(
            f"not_contiguous({place.name})",
            f"{place.name} is not contiguous",
            of(lambda x: not is_contiguous(x)),
        )


def _holds_only(value: Any, number: float) -> bool:
    numbers = as_numbers(value)
    return is_floating(value) and numbers.size > 0 and bool((numbers == number).all())


def _is_constant(value: Any) -> bool:
    numbers = as_numbers(value)
    if numbers.size < 2 or not bool((numbers == numbers.flat[0]).all()):
        return False
    return numbers.flat[0] not in {0, 1}  # these are conditions of their own


def _list_options(surface: Surface) -> Iterator[Condition]:
    for (stage, name), default in surface.options.items():
        making = stage is Stage.MAKING
        other = f"another value of {name}"

        def of(test: Callable[[Call, str], Any], making: bool = making, name: str = name) -> Any:
            return lambda call: _test_option(call, test, name, making=making)

        yield _condition(
            f"at_default({name})",
            f"{name} is given and is its default",
            of(
                lambda call, name, default=default: (
                    name in call.given and _equals(call.arguments[name], default)
                )
            ),
            other,
            making=making,
        )
        yield _condition(
            f"left_out({name})",
            f"{name} is left out",
            of(lambda call, name: name not in call.given),
            other,
            making=making,
        )
        yield _condition(
            f"by_keyword({name})",
            f"{name} is passed by keyword",
            of(lambda call, name: name in call.keywords),
            making=making,
        )
        if isinstance(default, bool):
            for value in (True, False):
                yield _condition(
                    f"{str(value).lower()}({name})",
                    f"{name} is {value}",
                    of(lambda call, name, value=value: call.arguments[name] is value),
                    *((other,) if value == default else ()),
                    *_list_excluded_modes(surface, name, value=value),
                    making=making,
                )
        elif isinstance(default, int | float):
            yield _condition(
                f"zero({name})",
                f"{name} is zero",
                of(lambda call, name: _equals(call.arguments[name], 0)),
                *((other,) if default == 0 else ()),
                making=making,
            )


def _test_option(call: Call, test: Callable[[Call, str], Any], name: str, *, making: bool) -> bool:
    seen = call.history.making if making and call.stage is Stage.ANSWERING else call
    return seen is not None and name in seen.arguments and bool(test(seen, name))


def _equals(value: Any, other: Any) -> bool:
    return value is other or (isinstance(value, int | float | str) and value == other)


def _list_excluded_modes(surface: Surface, name: str, *, value: bool) -> tuple[str, ...]:
    """Say that no state is updated in a mode in which the jury never changes any."""
    changes = (name, value) in surface.changing
    return () if changes or not surface.changed else ("an update",)


def _list_modes(surface: Surface) -> Iterator[Condition]:
    for holder in surface.modules:
        for training, name in ((True, "train"), (False, "eval")):
            suffix = "" if holder == "self" else f"({holder})"
            whose = "the module" if holder == "self" else holder
            excluded = _list_excluded_modes(surface, "self", value=training) if holder == "self" else ()
            yield _condition(
                f"{name}{suffix}",
                f"{whose} is in {'training' if training else 'evaluation'}",
                lambda call, h=holder, t=training: _find_mode(call, h) is t,
                *excluded,
            )


def _find_mode(call: Call, holder: str) -> bool | None:
    module = call.owner if holder == "self" else call.arguments.get(holder)
    return bool(module.training) if is_module(module) and call.stage is Stage.ANSWERING else None


def _list_history(surface: Surface) -> Iterator[Condition]:
    yield _condition("second_call", "it is not the first call", lambda call: call.history.calls > 0)
    yield _condition("same_again", "the same arguments are passed again", lambda call: call.repeats)
    if surface.first is not None and surface.first.dimensions:
        yield _condition(
            "another_shape",
            "the call before was of another shape",
            lambda call: (
                call.history.calls > 0
                and tuple(tuple(v.shape) for v in call.arguments.values() if hasattr(v, "shape"))
                != call.history.shapes
            ),
        )
    modes = {
        name
        for (stage, name), default in surface.options.items()
        if stage is Stage.ANSWERING and isinstance(default, bool)
    }
    if modes:
        yield _condition(
            "another_mode",
            "the call before was in another mode",
            lambda call: (
                call.history.calls > 0
                and list_modes(call)
                != [
                    (n, v)
                    for n, v in zip(call.arguments, call.history.before, strict=False)
                    if isinstance(v, bool)
                ]
            ),
        )
    if "self" not in surface.modules:
        if surface.objects:
            yield _condition(*EVENTS[Event.COPIED], lambda call: Event.COPIED in call.history.events)
        return
    for event, (name, says) in EVENTS.items():
        yield _condition(name, says, lambda call, e=event: e in call.history.events)
    yield _condition(
        "train_after_eval",
        "the module was in evaluation and is back in training",
        lambda call: {Event.EVALUATED, Event.TRAINED_AGAIN} <= call.history.events and call.owner.training,
    )
