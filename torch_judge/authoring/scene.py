"""A scene: one way in which a call is made, and the numbers that are drawn for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from .description import Argument, Array, Description

BEFORE_A_PART: Final = 2
AFTER_A_PART: Final = 1
"""What lies beside a part of a larger tensor, in its last dimension."""
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Layout(StrEnum):
    """How an argument lies in memory."""

    PLAIN = "side by side"
    GAPS = "with gaps"
    TRANSPOSED = "transposed"
    EXPANDED = "expanded"
    PART = "a part of a larger tensor"
    OFFSET = "behind other numbers"


class Grad(StrEnum):
    """Whether gradients are recorded."""

    ON = "on"
    NO_GRAD = "torch.no_grad()"
    INFERENCE = "torch.inference_mode()"


class Upstream(StrEnum):
    """What the gradient from above is, and how it lies in memory."""

    PLAIN = "side by side"
    SUM = "from a sum"
    ROW = "one row for all"
    TRANSPOSED = "transposed"
    ZEROS = "all zeros"


class Scene(NamedTuple):
    """What is particular about a call; all that is not said is as usual.

    A tuple, for in a check it is copied with another label some hundred times.
    """

    label: str = ""
    sizes: Mapping[str, int] = NOTHING
    shape: int = 0
    """Which of the legal shapes: 0 is the usual one."""
    values: Mapping[str, str] = NOTHING
    """Arguments that are all "zeros", all "ones" or all "negative"."""
    options: Mapping[str, Any] = NOTHING
    left_out: Collection[str] = ()
    learning: Collection[str] | None = None
    """What requires a gradient; None for all that may."""
    grad: Grad = Grad.ON
    dtype: str = "float64"
    layout: Layout = Layout.PLAIN
    magnitude: float = 1.0
    only_mode: Any = None
    far: bool = True
    precise: bool = True
    """Compared to the last digits of float64."""
    kinds_only: bool = False
    """Of numbers, only their dtypes are looked at."""
    upstream: Upstream = Upstream.PLAIN
    numbers_in_float32: bool = False
    """Of a call in float32 the numbers are compared too."""


def choose_options(description: Description, scene: Scene, rng: np.random.Generator) -> dict[str, Any]:
    """Draw the options that are passed by name, but for the mode."""
    options = [option for option in description.options if not option.mode]
    drawn = {option.name: option.choose(rng) for option in options if option.usual}
    return {
        name: value for name, value in (drawn | dict(scene.options)).items() if name not in scene.left_out
    }


def lay_out(values: Array, scene: Scene, argument: Argument) -> Array:
    """Put values into memory as the scene says; a view where it is not side by side."""
    layout = scene.layout if argument.views else Layout.PLAIN
    if layout is Layout.EXPANDED and values.ndim and not argument.changes and not argument.integers:
        return np.broadcast_to(values[:1], values.shape)
    # where there are no dimensions, it would make a row of one
    values = np.ascontiguousarray(values) if values.ndim else np.asarray(values)
    if layout is Layout.TRANSPOSED and values.ndim > 1:
        return np.asfortranarray(values)
    if layout is Layout.PART and values.ndim:
        more = BEFORE_A_PART + AFTER_A_PART
        wide = np.full((*values.shape[:-1], values.shape[-1] + more), 7, dtype=values.dtype)
        wide[..., BEFORE_A_PART:-AFTER_A_PART] = values
        return wide[..., BEFORE_A_PART:-AFTER_A_PART]
    if layout in (Layout.GAPS, Layout.TRANSPOSED) and values.ndim:
        wide = np.full((*values.shape[:-1], 2 * values.shape[-1]), 7, dtype=values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    return values


def list_learning(description: Description, scene: Scene) -> tuple[str, ...]:
    """List what requires a gradient in a scene."""
    if scene.learning is None:
        return description.learning
    return tuple(name for name in description.learning if name in scene.learning)
