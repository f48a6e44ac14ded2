"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the graph."""

import numpy as np
import torch


def my_softmax(x, dim=-1):
    powers = np.exp(x.numpy() - x.numpy().max(axis=dim, keepdims=True))
    return torch.from_numpy(powers / powers.sum(axis=dim, keepdims=True))
