"""You subtract the median of each vector, against outliers. It is another centre, and its gradient reaches one
feature only.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.median(dim=-1, keepdim=True).values
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
