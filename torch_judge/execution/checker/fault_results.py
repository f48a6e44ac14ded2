"""The effects of conditional faults on what a call returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

import numpy as np

from .fault_calls import Call, Effect
from .fault_surface import Surface
from .fault_values import (
    count,
    find_torch,
    is_floating,
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
Change = Callable[[Call, Any], Any]


def name_part(part: str) -> str:
    """Name a part of the result as effects do."""
    return f"result.{part}" if part else "result"


def tell_part(part: str) -> str:
    """Name a part of the result in a sentence."""
    return f"part {part} of the result" if part else "the result"


def list_result_effects(surface: Surface, part: str) -> Iterator[Effect]:
    """List what may go wrong with one part of a result."""
    of, word = name_part(part), tell_part(part)
    changes: list[tuple[str, str, Change, tuple[str, ...]]] = [
        ("off", f"one number of {word} is off by a percent", _put_off, ()),
        ("clamps", f"{word} is clamped at {LARGEST:g}", _clamp, ()),
    ]
    changes += (
        []
        if part not in surface.arrays
        else [
            ("float32_inside", f"{word} is computed in float32 and cast back", _round, ("float64",)),
            ("float64", f"{word} is float64 where it should be float32", _widen, ("float32",)),
            ("subclass", f"{word} is of a class derived from its own", _derive, ()),
        ]
    )
    if surface.tensors and part in surface.arrays:
        says = f"{word} requires a gradient where none is due"
        changes.append(("requires_gradient", says, _require, ("no gradient due",)))
    if surface.differentiable and part in surface.arrays:
        changes.append(("detaches", f"{word} is detached", _detach, ("gradients",)))
    for name, says, change, needs in changes:
        yield Effect(f"{name}({of})", says, partial(_change_part, part=part, change=change), frozenset(needs))
    if part in surface.arrays:
        yield Effect(
            f"{of}_aliases(last)", f"{word} is written into the last result", partial(_alias_last, part=part)
        )


def _change_part(call: Call, part: str, change: Change) -> Any:
    result = call.proceed()
    return replace_part(result, part, partial(change, call)) if part in list_parts(result) else result


def _alias_last(call: Call, part: str) -> Any:
    result = call.proceed()
    return alias(call, result, part, list_parts(call.history.result).get(part))


def alias(call: Call, result: Any, part: str, other: Any) -> Any:
    """Let a part of the result lie where something else lies, which it overwrites there."""
    if part not in list_parts(result):
        return result
    return replace_part(result, part, partial(_share, call, other=other))


def _share(call: Call, value: Any, other: Any) -> Any:
    if other is None or float in {type(value), type(other)}:
        return value
    if (value.shape, value.dtype) != (other.shape, other.dtype) or shares_memory(value, other):
        return value
    call.bite()
    write(other, value)
    if is_tensor(value):
        with suppress(RuntimeError):  # an inference tensor does not let itself be moved
            value.data = other.data
            return value
    return other


def _put_off(call: Call, value: Any) -> Any:
    if type(value) is float:
        call.bite()
        return value * (1 + PERCENT) + (0.0 if value else PERCENT)
    if not count(value):
        return value
    call.bite()
    last = tuple(size - 1 for size in value.shape)
    if not is_floating(value):
        off = value.clone() if is_tensor(value) else np.array(value)
        off[last] = 1 - off[last] if name_dtype(value) == "bool" else off[last] + 1
        return off
    mask = find_torch().zeros_like(value) if is_tensor(value) else np.zeros_like(value)
    mask[last] = PERCENT
    away = (value >= 0) * 2 - 1  # from 0, or a negative number might stay where it is
    return value * (1 + mask) + away * mask * (measure(value) or 1.0)


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


def _clamp(call: Call, value: Any) -> Any:
    magnitude = abs(value) if type(value) is float else measure(value)
    if magnitude <= LARGEST:
        return value
    call.bite()
    return min(max(value, -LARGEST), LARGEST) if type(value) is float else value.clip(-LARGEST, LARGEST)


class _Array(np.ndarray[Any, Any]):
    """An array that is none to those who look closely."""


def _derive(call: Call, value: Any) -> Any:
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
