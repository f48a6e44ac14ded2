"""You return a single vector without normalising it, for want of a batch. Layer normalisation needs none: a vector
has its own mean and variance.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    if x.dim() == 1:
        return gamma * x + beta
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
