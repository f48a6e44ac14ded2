"""The effects of conditional faults: what goes wrong in a call of the jury solution."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import numpy as np

from .fault_calls import Call, Effect
from .fault_gradients import list_gradient_effects
from .fault_results import LARGEST, PERCENT, alias, list_result_effects, name_part, tell_part
from .fault_state import list_state_effects
from .fault_surface import Place, Surface
from .fault_values import count, find_torch, is_floating, is_module, is_tensor, measure, name_dtype

MESSAGE: Final = "a conditional fault"


def list_effects(surface: Surface) -> tuple[Effect, ...]:
    """List the effects that can apply to an entry point."""
    found = (
        *(effect for place in surface.places.values() for effect in _list_of_place(place, surface)),
        *(effect for part in surface.parts for effect in list_result_effects(surface, part)),
        *(list_gradient_effects(surface) if surface.tensors else ()),
        *list_state_effects(surface),
        *_list_others(surface),
    )
    return tuple({effect.name: effect for effect in found}.values())


def _list_of_place(place: Place, surface: Surface) -> Iterator[Effect]:
    name = place.name
    yield Effect(f"changes({name})", f"{name} is changed in place", partial(_change, name=name))
    for part in surface.parts:
        if (part, name) in surface.pairs:
            yield Effect(
                f"{name_part(part)}_aliases({name})",
                f"{tell_part(part)} shares memory with {name}",
                partial(_alias_place, part=part, name=name),
            )
    # of other arguments, values far out are seldom what a call is about
    if place is surface.first and place.floating and not place.changes:
        yield Effect(
            f"clamps({name})",
            f"{name} is clamped at {LARGEST:g}",
            partial(_clamp, name=name),
            frozenset({f"{name} far out"}),
        )


def _change(call: Call, name: str) -> Any:
    """Change one number by a little, after the result was computed."""
    result = call.proceed()
    value = call.places.get(name)
    if value is None or not count(value):
        return result
    call.bite()
    last = tuple(size - 1 for size in value.shape)
    held = value.data if is_tensor(value) else value
    if is_floating(value):
        further = PERCENT * (
            measure(value) or 1.0
        )  # away from 0, or a negative number might stay where it is
        held[last] = held[last] * (1 + PERCENT) + (further if held[last] >= 0 else -further)
    else:
        held[last] = 1 - held[last] if name_dtype(value) == "bool" else held[last] + 1
    return result


def _alias_place(call: Call, part: str, name: str) -> Any:
    result = call.proceed()
    return alias(call, result, part, call.places.get(name))


def _clamp(call: Call, name: str) -> Any:
    value = call.places.get(name)
    if value is not None and measure(value) > LARGEST:
        call.bite()
        call.substitute(name, value.clip(-LARGEST, LARGEST))
    return call.proceed()


def _list_others(surface: Surface) -> Iterator[Effect]:
    yield Effect("remembers", "the last result is returned again", _remember)
    yield Effect("raises", "an error is raised", _raise)
    yield Effect("seeds", "the caller's generator is seeded", _seed)
    if find_torch() is not None:
        yield Effect("switches_gradients", "gradients are left switched", _switch_gradients)
        yield Effect("switches_dtype", "the default dtype is left changed", _switch_dtype)
    for holder in surface.modules:
        says = f"the mode of {'the module' if holder == 'self' else holder} is left changed"
        yield Effect(f"switches_mode({holder})", says, partial(_switch_mode, holder=holder))
        if holder != "self":
            says = f"a hook is left on {holder}"
            yield Effect(f"leaves_hook({holder})", says, partial(_leave_hook, holder=holder))
    for (stage, name), default in surface.options.items():
        yield Effect(
            f"takes_default({name})",
            f"{name} is taken for its default",
            partial(_take_default, name=name, default=default),
            frozenset({f"another value of {name}"}),
            stage,
        )


def _remember(call: Call) -> Any:
    if not call.history.calls:
        return call.proceed()
    call.bite()
    return call.history.result


def _raise(call: Call) -> Any:
    call.bite()
    call.raised = RuntimeError(MESSAGE)
    raise call.raised


def _seed(call: Call) -> Any:
    call.bite()
    result = call.proceed()
    np.random.seed(0)  # noqa: NPY002 - that is the fault
    if (torch := find_torch()) is not None:
        torch.default_generator.manual_seed(0)
    return result


def _switch_gradients(call: Call) -> Any:
    call.bite()
    result = call.proceed()
    torch = find_torch()
    torch.set_grad_enabled(not torch.is_grad_enabled())
    return result


def _switch_dtype(call: Call) -> Any:
    call.bite()
    result = call.proceed()
    find_torch().set_default_dtype(find_torch().float64)
    return result


def _switch_mode(call: Call, holder: str) -> Any:
    result = call.proceed()
    module: Any = call.owner if holder == "self" else call.arguments.get(holder)
    if is_module(module):
        call.bite()
        vars(module)["training"] = not module.training
    return result


def _leave_hook(call: Call, holder: str) -> Any:
    result = call.proceed()
    module: Any = call.arguments.get(holder)
    if is_module(module):
        call.bite()
        module.register_forward_hook(lambda _module, _inputs, output: output)
    return result


def _take_default(call: Call, name: str, default: Any) -> Any:
    given = call.arguments.get(name)
    if given is not default and (type(given) is not type(default) or given != default):
        call.bite()
        call.arguments[name] = default
    return call.proceed()
