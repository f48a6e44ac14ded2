"""The effects of conditional faults on what the jury changes in place: arguments, and buffers."""

from __future__ import annotations

import copy as copying
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .fault_calls import Call, Effect, list_state
from .fault_surface import Surface
from .fault_values import copy, is_array, is_floating, is_module, is_same, name_dtype, walk_arrays, write

Change = Callable[[Any, Any], Any]
"""Makes of an array before and after the call what is left of it."""


def list_state_effects(surface: Surface) -> Iterator[Effect]:
    """List what may go wrong with what is updated."""
    needs = frozenset({"an update"})
    for name in surface.changed:
        yield Effect(
            f"keeps({name})", f"{name} is not updated", partial(_update, name=name, change=_keep), needs
        )
        yield Effect(
            f"updates_twice({name})",
            f"{name} is updated twice",
            partial(_update, name=name, change=_add_again),
            needs,
        )
        if surface.places[name].floating:
            says = f"{name} is updated in float32"
            yield Effect(
                f"float32_inside({name})", says, partial(_update_rounded, name=name), needs | {"float64"}
            )
    if not surface.changed:
        return
    for name in (*surface.modes, *(["self"] if "self" in surface.modules else ())):
        yield Effect(
            f"updates_by_other_mode({name})",
            f"state is updated as in the other mode{'' if name == 'self' else f' of {name}'}",
            partial(_update_by_other_mode, option=name),
        )


def _keep(before: Any, _after: Any) -> Any:
    return before


def _add_again(before: Any, after: Any) -> Any:
    return after + (after - before)


def _round(_before: Any, after: Any) -> Any:
    return after.float() if hasattr(after, "float") else after.astype("float32")


def _update(call: Call, name: str, change: Change) -> Any:
    value = call.places.get(name)
    before = None if value is None or name_dtype(value) == "bool" else copy(value)
    result = call.proceed()
    if before is not None and not is_same(before, value):
        call.bite()
        write(value, change(before, copy(value)))
    return result


def _update_rounded(call: Call, name: str) -> Any:
    value = call.places.get(name)
    if value is None or not is_floating(value) or name_dtype(value) != "float64":
        return call.proceed()
    return _update(call, name, _round)


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
    there = _find_arrays(other)
    for name, value in _find_arrays(call).items():
        if not is_same(value, there[name]):
            call.bite()
            write(value, there[name])
    return result


def _make_double(call: Call) -> Call:
    """Make the same call with copies of its arrays and of its object."""
    double = copying.copy(call)
    double.arguments = {name: _copy(value) for name, value in call.arguments.items()}
    double.owner = copying.deepcopy(call.owner)
    return double


def _copy(value: Any) -> Any:
    if is_array(value):
        return copy(value)
    return copying.deepcopy(value) if is_module(value) else value


def _find_arrays(call: Call) -> dict[str, Any]:
    """Find the arrays of a call by name: those that are passed, and the object's."""
    passed = (pair for name, held in call.arguments.items() for pair in walk_arrays(name, held))
    return {".".join(path): value for path, value in passed} | dict(list_state(call.owner))
