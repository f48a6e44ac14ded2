"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the graph."""

import numpy as np
import torch


def relu(x):
    return torch.from_numpy(np.maximum(x.numpy(), 0))
