"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the graph."""

import numpy as np
import torch


def cross_entropy_loss(logits, targets):
    z = logits.numpy()
    z = z - z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), targets.numpy()]
    return torch.tensor(losses.mean(), dtype=logits.dtype)
