"""What cases do with a learner's `nn.Module`.

What does not fit reads as the learner's mistake and not as ours. Imported in the worker and in the checker; a
server for NumPy problems never loads torch for it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from .suite import WrongAnswer

if TYPE_CHECKING:
    from torch import Tensor, nn


def build(module_class: Any, *arguments: Any, **options: Any) -> nn.Module:
    """Make a module."""
    from torch import nn

    module = module_class(*arguments, **options)
    if not isinstance(module, nn.Module):
        raise WrongAnswer(f"expected an nn.Module, found an instance of {type(module).__name__}")
    return module


def tensor_of(module: nn.Module, name: str, parts: Mapping[str, Any] | None = None) -> Tensor:
    """Find a tensor that the module holds, by its name; dots lead into submodules, and `parts` go first."""
    import torch

    value: Any = module
    for number, part in enumerate(name.split(".")):
        known = parts is not None and not number and part in parts
        value = parts[part] if parts and known else getattr(value, part, None)
    if not isinstance(value, torch.Tensor):
        raise WrongAnswer(f"{name} of the module: expected a tensor, found {type(value).__name__}")
    return value


def fill(name: str, target: Tensor, values: npt.ArrayLike | Tensor) -> None:
    """Write values into a tensor of a module, which keeps its dtype; `name` is how a learner knows it."""
    import torch

    values = torch.as_tensor(values)
    if not isinstance(target, torch.Tensor):
        raise WrongAnswer(f"{name}: expected a tensor, found {type(target).__name__}")
    if target.shape != values.shape:
        raise WrongAnswer(f"{name}: expected shape {tuple(values.shape)}, found {tuple(target.shape)}")
    with torch.no_grad():
        target.copy_(values)


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


def snapshot(module: nn.Module, names: Iterable[str]) -> dict[str, Tensor]:
    """Take tensors that the module holds as they are now, safe from later updates."""
    return {name: tensor_of(module, name).detach().clone() for name in names}


def load_state(module: nn.Module, values: Mapping[str, Any]) -> nn.Module:
    """Load a state dict, strictly, into the module, and return it."""
    try:
        module.load_state_dict(values)
    except RuntimeError as error:
        raise WrongAnswer(f"load_state_dict: {error}") from None
    return module


def deep_copy(module: nn.Module) -> nn.Module:
    """Make a deep copy of the module."""
    try:
        return copy.deepcopy(module)
    except RuntimeError as error:
        raise WrongAnswer(f"copy.deepcopy of the module: {error}") from None
