"""Vectors keep their mean: they are divided by the root of the mean square. That is RMS normalisation, which many newer
models use; layer normalisation subtracts the mean first.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean_square = (x**2).mean(dim=-1, keepdim=True)
    x_hat = x / torch.sqrt(mean_square + eps)
    return gamma * x_hat + beta
