"""You subtract eps from the variance. For a vector that hardly varies the root of a negative number is NaN."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var - eps)
    return gamma * x_hat + beta
