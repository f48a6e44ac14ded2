"""Tensors and arrays as conditional faults see and change them.

A NumPy problem is served by processes that never import torch: everything here asks before it uses it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

MOST_ITEMS: Final = 3
"""Of a list of arrays so many are looked at, and of a module's parameters."""

Path = tuple[str, ...]


def find_torch() -> Any:
    """Return torch if this process has it."""
    return sys.modules.get("torch")


def is_tensor(value: Any) -> bool:
    """Tell whether a value is a tensor of PyTorch's."""
    torch = find_torch()
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: Any) -> bool:
    """Tell whether a value is an array, or a tensor whose numbers lie in memory."""
    if not is_tensor(value):
        return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"
    torch = find_torch()
    return (
        value.device.type == "cpu"
        and value.layout is torch.strided
        and not torch._C._functorch.is_functorch_wrapped_tensor(value)
    )


def is_module(value: Any) -> bool:
    """Tell whether a value is an `nn.Module`."""
    torch = find_torch()
    return torch is not None and isinstance(value, torch.nn.Module)


def is_floating(value: Any) -> bool:
    """Tell whether an array holds floating-point numbers."""
    return bool(value.is_floating_point()) if is_tensor(value) else value.dtype.kind == "f"


def name_dtype(value: Any) -> str:
    """Name the dtype of an array without the library's name."""
    return str(value.dtype).removeprefix("torch.")


def as_numbers(value: Any) -> np.ndarray[Any, Any]:
    """Look at an array's memory as NumPy does; what is written there is written into the array."""
    if not is_tensor(value):
        return np.asarray(value)
    torch = find_torch()
    plain = value.detach().as_subclass(torch.Tensor)
    if plain.dtype is torch.bfloat16:  # NumPy has no such type: a copy will do to look at
        plain = plain.float()
    return np.asarray(plain.numpy())


def copy(value: Any) -> Any:
    """Copy an array as it is now, without a graph."""
    return value.detach().clone() if is_tensor(value) else np.array(value)


def write(target: Any, values: Any) -> None:
    """Write values into an array's memory, behind the back of autograd."""
    if is_tensor(target):
        target.data.copy_(values.detach() if is_tensor(values) else find_torch().as_tensor(values))
    else:
        target[...] = values


def count(value: Any) -> int:
    """Count the numbers of an array."""
    return int(value.numel() if is_tensor(value) else value.size)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two arrays hold the same numbers."""
    return bool(np.array_equal(as_numbers(one), as_numbers(other), equal_nan=is_floating(one)))


def measure(value: Any) -> float:
    """Measure an array by its largest finite magnitude."""
    numbers = as_numbers(value)
    finite = np.abs(numbers[np.isfinite(numbers)]) if numbers.dtype.kind in "fc" else np.abs(numbers * 1)
    return float(finite.max()) if finite.size else 0.0


def is_contiguous(value: Any) -> bool:
    """Tell whether an array lies in memory in the order of its indices, without gaps."""
    return bool(value.is_contiguous()) if is_tensor(value) else bool(value.flags.c_contiguous)


def shares_memory(one: Any, other: Any) -> bool:
    """Tell whether two arrays may share memory."""
    return bool(np.may_share_memory(as_numbers(one), as_numbers(other)))


def needs_gradient(value: Any) -> bool:
    """Tell whether autograd follows a tensor."""
    return is_tensor(value) and bool(value.requires_grad)


def walk_arrays(name: str, value: Any) -> Iterator[tuple[Path, Any]]:
    """Yield the arrays in an argument by their paths.

    An array itself, those directly in a list, tuple or dict, the first parameters and buffers of a module.
    """
    if is_array(value):
        yield (name,), value
    elif is_module(value):
        yield from walk_module(name, value)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value[:MOST_ITEMS]):
            if is_array(item):
                yield (name, str(index)), item
    elif isinstance(value, dict):
        for key, item in list(value.items())[:MOST_ITEMS]:
            if is_array(item):
                yield (name, str(key)), item


def walk_module(name: str, module: Any) -> Iterator[tuple[Path, Any]]:
    """Yield the first parameters and buffers of a module; a shared one once."""
    for listed in (module.named_parameters(), module.named_buffers()):
        for _, (inner, value) in zip(range(MOST_ITEMS + 1), listed, strict=False):
            yield (name, inner), value


def list_parts(result: Any) -> dict[str, Any]:
    """List the parts of a result that are numbers, by name; the result itself has none."""
    if is_array(result) or type(result) is float:
        return {"": result}
    if is_module(result):
        return {path[1]: value for path, value in walk_module("", result)}
    items: Any = ()
    if isinstance(result, list | tuple):
        items = enumerate(result[:MOST_ITEMS])
    elif isinstance(result, dict):
        items = list(result.items())[:MOST_ITEMS]
    return {str(key): item for key, item in items if is_array(item)}


def replace_part(result: Any, name: str, change: Callable[[Any], Any]) -> Any:
    """Replace one part of a result by what `change` makes of it."""
    if name == "":
        return change(result)
    if is_module(result):
        owner, _, last = name.rpartition(".")
        holder = result.get_submodule(owner)
        changed = change(getattr(holder, last))
        if changed is not getattr(holder, last):
            write(getattr(holder, last), changed)
        return result
    if isinstance(result, dict):
        return {key: change(item) if str(key) == name else item for key, item in result.items()}
    changed_items = [change(item) if str(index) == name else item for index, item in enumerate(result)]
    if hasattr(result, "_fields"):
        return type(result)(*changed_items)
    return type(result)(changed_items)
