"""What cases do with a learner's `nn.Module`, or with an object of any other class where that will do.

What does not fit reads as the learner's mistake and not as ours. Imported in the worker and in the checker; a
server for NumPy problems never loads torch for it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from .shield import load_torch
from .suite import WrongAnswer

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def build(module_class: Any, *arguments: Any, **options: Any) -> nn.Module:
    """Make a module."""
    made = module_class(*arguments, **options)
    if not isinstance(made, load_torch().nn.Module):
        raise WrongAnswer(f"expected an nn.Module, found an instance of {type(made).__name__}")
    module: nn.Module = made
    return module


def build_plain(any_class: Any, *arguments: Any, **options: Any) -> Any:
    """Make an object of any class, a module's too; cases call its methods, never the object itself."""
    return any_class(*arguments, **options)


def linear_of(owner: Any, name: str, in_features: int, out_features: int) -> nn.Linear:
    """Find an `nn.Linear` with a bias and of these sizes that an object holds."""
    held = getattr(owner, name, None)
    if not isinstance(held, load_torch().nn.Linear):
        found = "nothing" if held is None else f"a {type(held).__name__}"
        raise WrongAnswer(f"{name}: expected an nn.Linear, found {found}")
    layer: nn.Linear = held
    if (layer.in_features, layer.out_features) != (in_features, out_features):
        raise WrongAnswer(
            f"{name}: expected nn.Linear({in_features}, {out_features}), "
            f"found nn.Linear({layer.in_features}, {layer.out_features})"
        )
    if layer.bias is None:
        raise WrongAnswer(f"{name}: expected an nn.Linear with its bias, found one without")
    return layer


def convert(owner: Any, names: Iterable[str], dtype: torch.dtype) -> None:
    """Put the parts of an object into a dtype by name: layers and tensors, which stay the same objects.

    An object that is no module has no method for that.
    """
    kept = load_torch()
    for name in names:
        part = getattr(owner, name, None)
        if isinstance(part, kept.nn.Module):
            part.to(dtype)
        elif isinstance(part, kept.Tensor):
            part.data = part.data.to(dtype)
        else:
            raise WrongAnswer(f"{name}: expected a layer or a tensor, found {type(part).__name__}")


def tensor_of(module: Any, name: str, parts: Mapping[str, Any] | None = None) -> Tensor:
    """Find a tensor that a module or other object holds; dots lead into its parts, and `parts` go first."""
    kept, value = load_torch(), module
    for number, part in enumerate(name.split(".")):
        known = parts is not None and not number and part in parts
        value = parts[part] if parts and known else getattr(value, part, None)
    if not isinstance(value, kept.Tensor):
        kind = "module" if isinstance(module, kept.nn.Module) else "object"
        raise WrongAnswer(f"{name} of the {kind}: expected a tensor, found {type(value).__name__}")
    tensor: Tensor = value
    return tensor


def fill(name: str, target: Tensor, values: npt.ArrayLike | Tensor) -> None:
    """Write values into a tensor of a module, which keeps its dtype; `name` is how a learner knows it."""
    kept = load_torch()
    written: Tensor = kept.as_tensor(values)
    if not isinstance(target, kept.Tensor):
        raise WrongAnswer(f"{name}: expected a tensor, found {type(target).__name__}")
    if target.shape != written.shape:
        raise WrongAnswer(f"{name}: expected shape {tuple(written.shape)}, found {tuple(target.shape)}")
    with kept.no_grad():
        target.copy_(written)


def read_structure(module: nn.Module) -> tuple[list[bool], list[str]]:
    """Read the mode of a module and of all that are in it, and the names of its parameters.

    `modules()` and `named_parameters()` say the same and take five times as long.
    """
    modes: list[bool] = []
    names: list[str] = []
    seen: set[int] = set()
    left: list[tuple[str, nn.Module]] = [("", module)]
    while left:
        path, each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        modes.append(each.training)
        names += [path + name for name, value in each._parameters.items() if value is not None]
        left += [(f"{path}{name}.", child) for name, child in each._modules.items() if child is not None]
    return modes, names


def snapshot(module: Any, names: Iterable[str]) -> dict[str, Tensor]:
    """Take tensors that a module or other object holds as they are now, safe from later updates."""
    return {name: tensor_of(module, name).detach().clone() for name in names}


def load_state(module: nn.Module, values: Mapping[str, Any]) -> nn.Module:
    """Load a state dict, strictly, into the module, and return it."""
    try:
        module.load_state_dict(values)
    except RuntimeError as error:
        raise WrongAnswer(f"load_state_dict: {error}") from None
    return module


def load_within_a_model(module: nn.Module, values: Mapping[str, Any]) -> None:
    """Load a state dict into a module that is a part of a model."""
    load_state(load_torch().nn.Sequential(module), {f"0.{name}": value for name, value in values.items()})


def load_by_assigning(module: nn.Module, values: Mapping[str, Any]) -> None:
    """Load a state dict by putting copies of its tensors in the places of the module's."""
    try:
        module.load_state_dict({name: value.clone() for name, value in values.items()}, assign=True)
    except RuntimeError as error:
        raise WrongAnswer(f"load_state_dict with assign=True: {error}") from None


def deep_copy(module: nn.Module) -> nn.Module:
    """Make a deep copy of the module."""
    try:
        return copy.deepcopy(module)
    except RuntimeError as error:
        raise WrongAnswer(f"copy.deepcopy of the module: {error}") from None
