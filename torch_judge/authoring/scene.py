"""A scene: one way in which a call is made, and the numbers that are drawn for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from .description import ELEMENTS_WITH_ONE_FAR, Argument, Array, Description, Library

FAR_IN_FLOAT32: Final = 100.0


class Layout(StrEnum):
    """How an argument lies in memory."""

    PLAIN = "side by side"
    GAPS = "with gaps"
    TRANSPOSED = "transposed"
    EXPANDED = "expanded"


class Grad(StrEnum):
    """Whether gradients are recorded."""

    ON = "on"
    NO_GRAD = "torch.no_grad()"
    INFERENCE = "torch.inference_mode()"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is particular about a call; all that is not said is as usual."""

    label: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    shape: int = 0
    """Which of the legal shapes: 0 is the usual one."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Arguments that are all "zeros", all "ones" or all "negative"."""
    options: Mapping[str, Any] = field(default_factory=dict)
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


def draw_argument(
    argument: Argument, scene: Scene, sizes: Mapping[str, int], rng: np.random.Generator
) -> Array:
    """Draw the values of an argument, as float64 or int64."""
    shape = argument.measure(sizes, scene.shape)
    how = scene.values.get(argument.name)
    if argument.integers:
        low, high = argument.integers
        return rng.integers(low, sizes[high] if isinstance(high, str) else high, shape)
    if how in ("zeros", "ones"):
        return np.full(shape, float(how == "ones"))
    drawn = _draw_numbers(argument, shape, rng)
    if how == "equal":
        # the first one holds still, or else what is subtracted from it would be nothing but rounding
        far = 1.0 if " " in argument.shape else FAR_IN_FLOAT32
        return np.full(shape, far * float(np.ravel(drawn)[0]))
    if scene.far and drawn.size:
        drawn.flat[int(rng.random() * drawn.size)] *= _choose_distance(argument, scene, drawn.size)
    if how == "negative":
        drawn = -np.abs(drawn)
    return np.asarray(drawn * scene.magnitude**argument.scales)


def _choose_distance(argument: Argument, scene: Scene, size: int) -> float:
    """Choose how far out a number lies; farther out, gradients cancel by more digits than float32 has."""
    fewest, far = ELEMENTS_WITH_ONE_FAR, argument.far
    if not (scene.precise and scene.dtype == "float64"):
        # one row alone would be nothing but the number far out and rounding
        fewest, far = 2 * fewest, min(far, FAR_IN_FLOAT32)
    return far if " " not in argument.shape or size >= fewest else 1.0


def _draw_numbers(argument: Argument, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    if argument.draw:
        return np.array(argument.draw(rng, shape), dtype=np.float64)
    low, high = argument.between
    if argument.positive:
        return rng.uniform(low, high, shape)
    drawn = rng.uniform(-1, 1, shape)
    return np.copysign(low + (high - low) * np.abs(drawn), drawn)


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
    values = np.ascontiguousarray(values)
    if layout is Layout.TRANSPOSED and values.ndim > 1:
        return np.asfortranarray(values)
    if layout in (Layout.GAPS, Layout.TRANSPOSED) and values.ndim:
        wide = np.full((*values.shape[:-1], 2 * values.shape[-1]), 7, dtype=values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    return values


def list_learning(description: Description, scene: Scene) -> tuple[str, ...]:
    """List what requires a gradient in a scene."""
    if description.library is Library.NUMPY:
        return ()
    return tuple(name for name in description.learning if scene.learning is None or name in scene.learning)
