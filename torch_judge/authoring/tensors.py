"""What cases draw their inputs with: numbers that tell mistakes apart.

Imported in the worker and in the checker; a server for NumPy problems never loads torch for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[Any]
Shape = int | tuple[int, ...]


def signed(rng: np.random.Generator, low: float, high: float, shape: Shape) -> Array:
    """Draw magnitudes between low and high, and give every other one a minus, the first or the second by chance."""
    magnitudes = rng.uniform(low, high, shape)
    return magnitudes * ((-1.0) ** (np.arange(magnitudes.size) + rng.integers(2))).reshape(magnitudes.shape)


def standard(rng: np.random.Generator, shape: tuple[int, ...], *, over: int | tuple[int, ...]) -> Array:
    """Draw numbers whose mean is 0 and whose biased variance is 1 over these axes; where they are one number, it is 0."""
    drawn = rng.normal(size=shape)
    drawn -= drawn.mean(axis=over, keepdims=True)
    deviation = drawn.std(axis=over, keepdims=True)
    return drawn / np.where(deviation == 0, 1.0, deviation)


def tensor(values: npt.ArrayLike, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Return NumPy values as a tensor of exactly this dtype, float32 unless another is given."""
    import torch

    return torch.from_numpy(np.asarray(values)).to(torch.float32 if dtype is None else dtype)


def upstream(rng: np.random.Generator, output: torch.Tensor) -> torch.Tensor:
    """Draw what the layers above would send back: a gradient for each number of an output of this shape and dtype."""
    return tensor(rng.normal(size=tuple(output.shape)), output.dtype)
