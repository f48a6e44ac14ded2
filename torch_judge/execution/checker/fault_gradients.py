"""The effects of conditional faults on gradients: those that are cut off, doubled, or wanted afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from .fault_calls import Call, Effect
from .fault_results import name_part, tell_part
from .fault_surface import Place, Surface
from .fault_values import find_torch, list_parts, needs_gradient


def list_gradient_effects(surface: Surface) -> Iterator[Effect]:
    """List what may go wrong with gradients."""
    followed = [place for place in surface.places.values() if place.differentiable and surface.differentiable]
    for place in followed:
        name = place.name
        needs = frozenset({"gradients", f"gradient of {name}"})
        yield Effect(f"detaches({name})", f"{name} gets no gradient", partial(_cut, place=place), needs)
        if place.is_argument:
            says = f"the gradient of {name} is doubled"
            yield Effect(f"doubles_gradient({name})", says, partial(_double, name=name), needs)
    for part in surface.parts if followed else ():
        yield Effect(
            f"doubles_gradient({name_part(part)})",
            f"all gradients through {tell_part(part)} are doubled",
            partial(_double_all, part=part),
            frozenset({"gradients"}),
        )
    for place in surface.places.values():
        if place.floating:
            says = f"requires_grad of {place.name} is left changed"
            yield Effect(f"switches_gradient({place.name})", says, partial(_switch_gradient, name=place.name))


def _is_followed(value: Any) -> bool:
    return needs_gradient(value) and bool(find_torch().is_grad_enabled())


def _cut(call: Call, place: Place) -> Any:
    value: Any = call.places.get(place.name)
    if not _is_followed(value):
        return call.proceed()
    call.bite()
    if place.is_argument:
        call.substitute(place.name, value.detach())
        return call.proceed()
    value.requires_grad_(False)  # noqa: FBT003 - PyTorch's own
    try:
        return call.proceed()
    finally:
        value.requires_grad_()


def _double(call: Call, name: str) -> Any:
    value: Any = call.places.get(name)
    if _is_followed(value):
        call.bite()
        followed = value.view_as(value)
        followed.register_hook(lambda gradient: 2 * gradient)
        call.substitute(name, followed)
    return call.proceed()


def _double_all(call: Call, part: str) -> Any:
    result = call.proceed()
    value: Any = list_parts(result).get(part)
    if needs_gradient(value):
        call.bite()
        value.register_hook(lambda gradient: 2 * gradient)
    return result


def _switch_gradient(call: Call, name: str) -> Any:
    result = call.proceed()
    value: Any = call.places.get(name)
    if value is not None and value.is_leaf:
        with suppress(RuntimeError):  # an inference tensor may not be told so
            value.requires_grad_(not value.requires_grad)
            call.bite()
    return result
