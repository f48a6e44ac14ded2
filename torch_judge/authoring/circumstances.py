"""What may hold beside the numbers of a small call, and what else an example is tried in.

A mistake may show only under `torch.no_grad()`, on tensors with gaps in memory, or on tiny numbers. Which of
these a problem allows is said by its description, for both kinds of spaces.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Any, Final

import numpy as np

from .description import Description, Library

TINY_FACTOR: Final = 1e-7
"""Smaller than the usual eps, and than what a variance is clamped to."""


class Circumstance(StrEnum):
    """In what else a small call is made than as a learner would first make it."""

    GRADIENTS_OFF = "torch.no_grad()"
    GAPS = "with gaps in memory, like a[..., 0]"
    TINY = "with tiny numbers"

    def alter(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs as they are here."""
        if self is Circumstance.GRADIENTS_OFF:
            return inputs
        change = _scale if self is Circumstance.TINY else _spread
        return {name: change(value) if _is_array(value) else value for name, value in inputs.items()}

    def enter(self) -> AbstractContextManager[Any]:
        """Return the context of the call."""
        torch: Any = sys.modules.get("torch")
        return torch.no_grad() if self is Circumstance.GRADIENTS_OFF and torch else nullcontext()

    def describe(self) -> dict[str, str]:
        """Say by name what the inputs do not show by themselves."""
        match self:
            case Circumstance.GRADIENTS_OFF:
                return {"called under": self.value}
            case Circumstance.GAPS:
                return {"tensors": self.value}
            case _:
                return {}


def list_circumstances(description: Description) -> tuple[Circumstance, ...]:
    """List what the description of a problem allows."""
    without = description.without
    legal = {
        Circumstance.GRADIENTS_OFF: description.library is Library.TORCH
        and "works_with_gradients_off" not in without,
        Circumstance.GAPS: "works_on_non_contiguous_input" not in without
        and all(each.views for each in description.tensors),
        Circumstance.TINY: "works_on_tiny_values" not in without,
    }
    return tuple(circumstance for circumstance, is_legal in legal.items() if is_legal)


def _is_array(value: Any) -> bool:
    torch: Any = sys.modules.get("torch")
    return type(value) is np.ndarray or (torch is not None and type(value) is torch.Tensor)


def _scale(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values * values.dtype.type(TINY_FACTOR) if values.dtype.kind == "f" else values
    return values * TINY_FACTOR if values.is_floating_point() else values


def _spread(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        spread: Any = np.zeros((*values.shape, 2), dtype=values.dtype)
    else:
        spread = values.new_zeros((*values.shape, 2))
    spread[..., 0] = values
    return spread[..., 0]
