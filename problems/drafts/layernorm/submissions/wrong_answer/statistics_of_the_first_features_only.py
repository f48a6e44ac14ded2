"""You measure the first 256 features only, to save time. Those beyond them count as much, and an outlier among
them shifts everything.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x[..., :256].mean(dim=-1, keepdim=True)
    var = x[..., :256].var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
