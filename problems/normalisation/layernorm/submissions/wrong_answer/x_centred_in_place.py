"""You subtract the mean from x through .data, to save a tensor. The caller's tensor changes, for instance the very
one that a skip connection adds later.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x.data -= mean.detach()
    x_hat = x / torch.sqrt(var + eps)
    return gamma * x_hat + beta
