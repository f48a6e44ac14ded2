"""You add the square of eps. That makes eps a deviation and not a variance; the default would be 1e-10."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps**2)
    return gamma * x_hat + beta
