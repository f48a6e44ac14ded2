"""The effects of conditional faults: what goes wrong in a call of the jury solution.

An effect makes the call itself, and notes that it bit where it changed something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .fault_calls import Call, Stage
from .fault_state import list_state_effects
from .fault_surface import Place, Surface
from .fault_values import (
    find_torch,
    is_floating,
    is_module,
    is_tensor,
    list_parts,
    measure,
    name_dtype,
    needs_gradient,
    replace_part,
    shares_memory,
    write,
)

LARGEST: Final = 50.0
"""Where a fault clamps."""
PERCENT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that goes wrong in a call."""

    name: str
    says: str
    """The words after "when this holds"."""
    apply: Callable[[Call], Any]
    needs: frozenset[str] = frozenset()
    """What a condition may exclude."""
    stage: Stage = Stage.ANSWERING


def list_effects(surface: Surface) -> tuple[Effect, ...]:
    """List the effects that can apply to an entry point."""
    places = surface.places.values()
    return (
        *(effect for place in places for effect in _list_of_place(place, surface)),
        *(effect for part in surface.parts for effect in _list_of_part(part, surface)),
        *(_list_gradient_effects(surface) if surface.tensors or surface.modules else ()),
        *(Effect(*parts) for parts in list_state_effects(surface)),
        *_list_others(surface),
    )


def _list_of_place(place: Place, surface: Surface) -> Iterator[Effect]:
    name = place.name
    yield Effect(f"changes({name})", f"{name} is changed in place", lambda call: _change(call, name))
    for part in surface.parts:
        if (part, name) in surface.pairs:
            yield Effect(
                f"{_name(part)}_aliases({name})",
                f"{_word(part)} shares memory with {name}",
                lambda call, part=part: _alias(call, part, lambda: call.places.get(name)),
            )
    # of the others, values far out are seldom what a call is about
    if place is surface.first and place.floating and not place.changes:
        yield Effect(
            f"clamps({name})",
            f"{name} is clamped at {LARGEST:g}",
            lambda call: _clamp_argument(call, name),
            frozenset({f"{name} far out"}),
        )


def _name(part: str) -> str:
    return f"result.{part}" if part else "result"


def _word(part: str) -> str:
    return f"part {part} of the result" if part else "the result"


def _change(call: Call, name: str) -> Any:
    """Change one number by a little, after the result was computed."""
    result = call.proceed()
    value = call.places.get(name)
    if value is not None and _count(value):
        last = tuple(size - 1 for size in value.shape)
        held = value.data if is_tensor(value) else value
        if is_floating(value):
            held[last] = held[last] * (1 + PERCENT) + PERCENT * (measure(value) or 1.0)
        else:
            held[last] = 1 - held[last] if name_dtype(value) == "bool" else held[last] + 1
        call.bite()
    return result


def _count(value: Any) -> int:
    return int(value.numel() if is_tensor(value) else value.size)


def _alias(call: Call, part: str, find: Callable[[], Any]) -> Any:
    """Let a part of the result lie where something else lies, which it overwrites there."""
    result = call.proceed()
    other = find()

    def share(value: Any) -> Any:
        if other is None or type(value) is float or value.shape != other.shape or value.dtype != other.dtype:
            return value
        if shares_memory(value, other):
            return value
        call.bite()
        write(other, value)
        if not is_tensor(value):
            return other
        with suppress(RuntimeError):  # an inference tensor does not let itself be moved
            value.data = other.data
            return value
        return other

    return replace_part(result, part, share) if part in list_parts(result) else result


def _clamp_argument(call: Call, name: str) -> Any:
    value = call.places.get(name)
    if value is not None and measure(value) > LARGEST:
        call.bite()
        call.substitute(name, value.clip(-LARGEST, LARGEST))
    return call.proceed()


def _list_of_part(part: str, surface: Surface) -> Iterator[Effect]:
    of, word = _name(part), _word(part)

    def on_part(change: Callable[[Call, Any], Any]) -> Callable[[Call], Any]:
        def apply(call: Call) -> Any:
            result = call.proceed()
            if part not in list_parts(result):
                return result
            return replace_part(result, part, lambda value: change(call, value))

        return apply

    yield Effect(f"off({of})", f"one number of {word} is off by a percent", on_part(_put_off))
    yield Effect(
        f"float32_inside({of})",
        f"{word} is computed in float32 and cast back",
        on_part(_round),
        frozenset({"float64"}),
    )
    yield Effect(
        f"float64({of})",
        f"{word} is float64 where it should be float32",
        on_part(_widen),
        frozenset({"float32"}),
    )
    yield Effect(f"clamps({of})", f"{word} is clamped at {LARGEST:g}", on_part(_clamp_result))
    yield Effect(
        f"{of}_aliases(last)",
        f"{word} is written into the last result",
        lambda call: _alias(call, part, lambda: list_parts(call.history.result).get(part)),
    )
    if surface.tensors:
        yield Effect(f"subclass({of})", f"{word} is of a subclass of Tensor", on_part(_subclass))
        yield Effect(
            f"requires_gradient({of})", f"{word} requires a gradient where none is due", on_part(_require)
        )
        yield Effect(f"detaches({of})", f"{word} is detached", on_part(_detach), frozenset({"gradients"}))
    else:
        yield Effect(f"subclass({of})", f"{word} is of a subclass of ndarray", on_part(_subclass))


def _put_off(call: Call, value: Any) -> Any:
    if type(value) is float:
        call.bite()
        return value * (1 + PERCENT) + (0.0 if value else PERCENT)
    if not _count(value):
        return value
    call.bite()
    last = tuple(size - 1 for size in value.shape)
    if not is_floating(value):
        off = value.clone() if is_tensor(value) else np.array(value)
        off[last] = 1 - off[last] if name_dtype(value) == "bool" else off[last] + 1
        return off
    mask = find_torch().zeros_like(value) if is_tensor(value) else np.zeros_like(value)
    mask[last] = PERCENT
    return value * (1 + mask) + mask * (measure(value) or 1.0)


def _round(call: Call, value: Any) -> Any:
    if type(value) is float or name_dtype(value) != "float64":
        return value
    call.bite()
    return value.float().double() if is_tensor(value) else value.astype(np.float32).astype(np.float64)


def _widen(call: Call, value: Any) -> Any:
    if type(value) is float or name_dtype(value) != "float32":
        return value
    call.bite()
    return value.double() if is_tensor(value) else value.astype(np.float64)


def _clamp_result(call: Call, value: Any) -> Any:
    if type(value) is float:
        if abs(value) > LARGEST:
            call.bite()
        return min(max(value, -LARGEST), LARGEST)
    if measure(value) <= LARGEST:
        return value
    call.bite()
    return value.clip(-LARGEST, LARGEST)


class _Array(np.ndarray):  # type: ignore[type-arg]
    """An array that is none to those who look closely."""


def _subclass(call: Call, value: Any) -> Any:
    if type(value) is float:
        return value
    call.bite()
    if not is_tensor(value):
        return value.view(_Array)
    torch = find_torch()
    return value.as_subclass(type("Tensor", (torch.Tensor,), {}))


def _require(call: Call, value: Any) -> Any:
    if not is_tensor(value) or value.requires_grad or not value.is_floating_point() or value.is_inference():
        return value
    call.bite()
    return value.detach().requires_grad_()


def _detach(call: Call, value: Any) -> Any:
    if not needs_gradient(value):
        return value
    call.bite()
    return value.detach()


def _list_gradient_effects(surface: Surface) -> Iterator[Effect]:
    followed = [place for place in surface.places.values() if place.differentiable]
    for place in followed:
        name = place.name
        needs = frozenset({"gradients", f"gradient of {name}"})
        yield Effect(f"detaches({name})", f"{name} gets no gradient", lambda c, p=place: _cut(c, p), needs)
        if place.is_argument:
            yield Effect(
                f"doubles_gradient({name})",
                f"the gradient of {name} is doubled",
                lambda c, p=place: _double(c, p),
                needs,
            )
    for part in surface.parts if followed else ():
        yield Effect(
            f"doubles_gradient({_name(part)})",
            f"all gradients through {_word(part)} are doubled",
            lambda call, part=part: _double_all(call, part),
            frozenset({"gradients"}),
        )
    for place in surface.places.values():
        if place.floating:
            yield Effect(
                f"switches_gradient({place.name})",
                f"requires_grad of {place.name} is left changed",
                lambda c, n=place.name: _switch_gradient(c, n),
            )


def _cut(call: Call, place: Place) -> Any:
    value = call.places.get(place.name)
    if value is None or not needs_gradient(value) or not find_torch().is_grad_enabled():
        return call.proceed()
    call.bite()
    if place.is_argument:
        call.substitute(place.name, value.detach())
        return call.proceed()
    value.requires_grad_(False)
    try:
        return call.proceed()
    finally:
        value.requires_grad_()


def _double(call: Call, place: Place) -> Any:
    value = call.places.get(place.name)
    if value is not None and needs_gradient(value) and find_torch().is_grad_enabled():
        call.bite()
        followed = value.view_as(value)
        followed.register_hook(lambda gradient: 2 * gradient)
        call.substitute(place.name, followed)
    return call.proceed()


def _double_all(call: Call, part: str) -> Any:
    result = call.proceed()
    value = list_parts(result).get(part)
    if needs_gradient(value):
        call.bite()
        value.register_hook(lambda gradient: 2 * gradient)
    return result


def _switch_gradient(call: Call, name: str) -> Any:
    result = call.proceed()
    value = call.places.get(name)
    if value is not None and value.is_leaf:
        with suppress(RuntimeError):
            value.requires_grad_(not value.requires_grad)
            call.bite()
    return result


def _list_others(surface: Surface) -> Iterator[Effect]:
    yield Effect("remembers", "the last result is returned again", _remember)
    yield Effect("raises", "an error is raised", _raise)
    yield Effect("seeds", "the caller's generator is seeded", _seed)
    if find_torch() is not None:
        yield Effect("switches_gradients", "gradients are left switched", _switch_gradients)
        yield Effect("switches_dtype", "the default dtype is left changed", _switch_dtype)
    for holder in surface.modules:
        yield Effect(
            f"switches_mode({holder})",
            f"the mode of {holder} is left changed",
            lambda call, holder=holder: _switch_mode(call, holder),
        )
    for (stage, name), default in surface.options.items():
        yield Effect(
            f"takes_default({name})",
            f"{name} is taken for its default",
            lambda call, name=name, default=default: _take_default(call, name, default),
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
    raise RuntimeError("a conditional fault")


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
    module = call.owner if holder == "self" else call.arguments.get(holder)
    if is_module(module):
        call.bite()
        vars(module)["training"] = not module.training
    return result


def _take_default(call: Call, name: str, default: Any) -> Any:
    given = call.arguments.get(name)
    if given is not default and (type(given) is not type(default) or given != default):
        call.bite()
        call.arguments[name] = default
    return call.proceed()
