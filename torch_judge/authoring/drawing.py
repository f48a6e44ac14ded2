"""Draw the numbers of a scene: all that a call needs as one row, cut into arguments, for that is quicker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from .description import ELEMENTS_WITH_ONE_FAR, Argument, Array, Sizes
from .scene import Scene

FAR_IN_FLOAT32: Final = 100.0


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of numbers: how each is drawn, and where each argument's lie."""

    places: tuple[tuple[Argument, tuple[int, ...], slice], ...]
    lowest: Array
    span: Array
    floor: Array
    """Below which the sign is not drawn: 0 for what is positive."""

    def draw(self, rng: np.random.Generator) -> Array:
        drawn = rng.uniform(-1, 1, self.span.size)
        magnitudes = np.abs(drawn)
        magnitudes *= self.span
        magnitudes += self.lowest
        return np.copysign(magnitudes, np.maximum(drawn, self.floor, out=drawn), out=magnitudes)


@dataclass(slots=True)
class Drawer:
    """Draws the values of arguments, which are the same in every call that is passed them."""

    arguments: Sequence[Argument]
    _rows: dict[tuple[int, tuple[int, ...]], _Row] = field(default_factory=dict, init=False)

    def draw(self, scene: Scene, sizes: Sizes, rng: np.random.Generator) -> list[Array]:
        """Draw the values of all arguments, as float64 or int64; those of float64 lie in the same memory."""
        key = scene.shape, tuple(sizes.values())
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _lay_row(self.arguments, scene.shape, sizes)
        numbers, values = row.draw(rng), []
        for argument, shape, place in row.places:
            if argument.integers:
                low, high = argument.integers
                values.append(rng.integers(low, sizes[high] if isinstance(high, str) else high, shape))
                continue
            drawn = numbers[place]
            if argument.draw:
                drawn = np.array(argument.draw(rng, shape), dtype=np.float64)
            values.append(_adapt(argument, scene, drawn.reshape(shape), rng))
        return values


def _lay_row(arguments: Sequence[Argument], number: int, sizes: Sizes) -> _Row:
    """Lay the arguments side by side, in the shapes of a number."""
    places, lowest, span, floor = [], [], [], []
    end = 0
    for argument in arguments:
        shape = argument.measure(sizes, number)
        count = 0 if argument.draw or argument.integers else math.prod(shape)
        low, high = argument.between
        places.append((argument, shape, slice(end, end + count)))
        lowest.append(np.full(count, low))
        span.append(np.full(count, high - low))
        floor.append(np.full(count, 0.0 if argument.positive else -1.0))
        end += count
    rows = (np.concatenate(parts) if parts else np.empty(0) for parts in (lowest, span, floor))
    return _Row(tuple(places), *rows)


def _adapt(argument: Argument, scene: Scene, drawn: Array, rng: np.random.Generator) -> Array:
    """Make of drawn numbers what a scene says of an argument."""
    how = scene.values.get(argument.name)
    if how in ("zeros", "ones"):
        return np.full(drawn.shape, float(how == "ones"))
    if how == "equal":
        # the first one holds still, or else what is subtracted from it would be nothing but rounding
        far = 1.0 if " " in argument.shape else FAR_IN_FLOAT32
        return np.full(drawn.shape, far * float(np.ravel(drawn)[0]))
    if scene.far and drawn.size:
        drawn.flat[int(rng.random() * drawn.size)] *= _choose_distance(argument, scene, drawn.size)
    if how == "negative":
        drawn = -np.abs(drawn)
    return drawn if scene.magnitude == 1.0 else drawn * scene.magnitude**argument.scales


def _choose_distance(argument: Argument, scene: Scene, size: int) -> float:
    """Choose how far out a number lies; farther out, gradients cancel by more digits than float32 has."""
    fewest, far = ELEMENTS_WITH_ONE_FAR, argument.far
    if not (scene.precise and scene.dtype == "float64"):
        # one row alone would be nothing but the number far out and rounding
        fewest, far = 2 * fewest, min(far, FAR_IN_FLOAT32)
    return far if " " not in argument.shape or size >= fewest else 1.0
