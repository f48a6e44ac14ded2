"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the graph."""

import numpy as np
import torch


def my_gelu(x):
    values = np.asarray(x.numpy())
    inner = np.sqrt(2 / np.pi) * (values + 0.044715 * values**3)
    return torch.from_numpy(np.asarray(0.5 * values * (1 + np.tanh(inner)), dtype=values.dtype))
