"""You divide by the variance where the standard deviation belongs. Vectors with a variance far from 1 come out on
another scale than the rest.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / (var + eps)
    return gamma * x_hat + beta
