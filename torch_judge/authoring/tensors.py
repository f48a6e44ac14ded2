"""What cases draw their inputs with: numbers that tell mistakes apart.

Imported in the worker and in the checker; a server for NumPy problems never loads torch for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .shield import load_torch

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[Any]
Shape = int | tuple[int, ...]


def signed(rng: np.random.Generator, low: float, high: float, shape: Shape) -> Array:
    """Draw magnitudes between low and high; every other one has a minus, the first or second by chance."""
    magnitudes = rng.uniform(low, high, shape)
    return magnitudes * ((-1.0) ** (np.arange(magnitudes.size) + rng.integers(2))).reshape(magnitudes.shape)


def standard(rng: np.random.Generator, shape: tuple[int, ...], *, over: int | tuple[int, ...]) -> Array:
    """Draw numbers whose mean is 0 and whose biased variance is 1 over these axes.

    Where they are one number, it is 0.
    """
    drawn = rng.normal(size=shape)
    drawn -= drawn.mean(axis=over, keepdims=True)
    deviation = drawn.std(axis=over, keepdims=True)
    return drawn / np.where(deviation == 0, 1.0, deviation)


def tensor(values: npt.ArrayLike, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Make a tensor of NumPy values, of exactly this dtype, float32 unless another is given."""
    kept = load_torch()
    made: torch.Tensor = kept.from_numpy(np.asarray(values))
    return made.to(kept.float32 if dtype is None else dtype)


def draw_batch(
    rng: np.random.Generator,
    rows: int,
    features: int,
    dtype: torch.dtype | None = None,
    scale: float = 1.0,
) -> torch.Tensor:
    """Draw rows of features with means of 1.1 to 2.9, of either sign, and deviations of 1.3 to 2.3.

    All is multiplied by `scale`. These are the statistics of the batch itself, so that a case knows how far
    they are from any others.
    """
    spread = scale * rng.uniform(1.3, 2.3, features)
    centre = scale * signed(rng, 1.1, 2.9, features)
    return tensor(centre + spread * standard(rng, (rows, features), over=0), dtype)


def upstream(rng: np.random.Generator, output: torch.Tensor) -> torch.Tensor:
    """Draw what the layers above would send back: a gradient for each number of an output like this."""
    return tensor(rng.normal(size=tuple(output.shape)), output.dtype)
