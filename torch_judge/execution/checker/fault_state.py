"""The effects of conditional faults on what the jury changes in place: its arguments, the buffers of an object."""

from __future__ import annotations

import copy as copying
from collections.abc import Callable, Iterator
from typing import Any

from .fault_calls import Call, Stage, list_state
from .fault_surface import Surface
from .fault_values import copy, is_array, is_floating, is_module, is_same, name_dtype, walk_arrays, write

Parts = tuple[str, str, Callable[[Call], Any], frozenset[str]]


def list_state_effects(surface: Surface) -> Iterator[Parts]:
    """List the name, the words, the effect and what it needs, for what is updated."""
    needs = frozenset({"an update"})
    for name in surface.changed:
        yield (
            f"keeps({name})",
            f"{name} is not updated",
            lambda call, name=name: _update(call, name, lambda before, _: before),
            needs,
        )
        yield (
            f"updates_twice({name})",
            f"{name} is updated twice",
            lambda call, name=name: _update(call, name, lambda before, after: after + (after - before)),
            needs,
        )
        if surface.places[name].floating:
            yield (
                f"float32_inside({name})",
                f"{name} is updated in float32",
                lambda call, name=name: _round(call, name),
                needs | {"float64"},
            )
    if not surface.changed:
        return
    modes = [
        name
        for (stage, name), default in surface.options.items()
        if stage is Stage.ANSWERING and isinstance(default, bool)
    ]
    for name in [*modes, *(["self"] if "self" in surface.modules else [])]:
        yield (
            f"updates_by_other_mode({name})",
            f"state is updated as in the other mode{'' if name == 'self' else f' of {name}'}",
            lambda call, name=name: _update_by_other_mode(call, name),
            frozenset(),
        )


def _update(call: Call, name: str, change: Callable[[Any, Any], Any]) -> Any:
    value = call.places.get(name)
    before = None if value is None or name_dtype(value) == "bool" else copy(value)
    result = call.proceed()
    if before is not None and not is_same(before, value):
        call.bite()
        write(value, change(before, copy(value)))
    return result


def _round(call: Call, name: str) -> Any:
    def change(_: Any, after: Any) -> Any:
        return after.float() if hasattr(after, "float") else after.astype("float32")

    value = call.places.get(name)
    if value is None or not is_floating(value) or name_dtype(value) != "float64":
        return call.proceed()
    return _update(call, name, change)


def _update_by_other_mode(call: Call, option: str) -> Any:
    """Answer as in this mode, and leave the state as a call in the other mode would have."""
    if option != "self" and not isinstance(call.arguments.get(option), bool):
        return call.proceed()
    other = _make_double(call)
    if option == "self":
        vars(other.owner)["training"] = not call.owner.training
    else:
        other.arguments[option] = not call.arguments[option]
    other.proceed()
    result = call.proceed()
    pairs = walk_arguments(other)
    for name, value in walk_arguments(call).items():
        if not is_same(value, pairs[name]):
            call.bite()
            write(value, pairs[name])
    return result


def _make_double(call: Call) -> Call:
    """Make the same call with copies of its arrays and of its object."""
    double = copying.copy(call)
    double.arguments = {
        name: copy(value) if is_array(value) else copying.deepcopy(value) if is_module(value) else value
        for name, value in call.arguments.items()
    }
    double.owner = copying.deepcopy(call.owner)
    return double


def walk_arguments(call: Call) -> dict[str, Any]:
    """Find the arrays of a call by name: those that are passed, and the object's."""
    found = {
        ".".join(path): value
        for name, held in call.arguments.items()
        for path, value in walk_arrays(name, held)
    }
    return found | dict(list_state(call.owner))
