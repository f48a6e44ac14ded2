"""You compute the variance as mean of squares minus square of mean. For vectors far from zero both are large and
nearly equal, and float32 keeps nothing of their difference.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = ((x**2).mean(dim=-1, keepdim=True) - mean**2).clamp(min=0)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
