"""You reduce dimension 1. For rows that is the last one; in a batch of sequences it is the time, and the positions
are mixed.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dim = 1 if x.dim() > 1 else 0
    mean = x.mean(dim=dim, keepdim=True)
    var = x.var(dim=dim, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
