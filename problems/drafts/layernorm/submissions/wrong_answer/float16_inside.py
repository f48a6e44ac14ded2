"""You measure the statistics in float16. Half precision keeps three digits, and they are rounded far more coarsely
than the values.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.half().mean(dim=-1, keepdim=True).to(x.dtype)
    var = x.half().var(dim=-1, unbiased=False, keepdim=True).to(x.dtype)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
