"""You take the root of the variance, square it, add eps and take the root again. For a vector of equal numbers the
root has no finite gradient at 0, and NaN comes back.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    std = torch.sqrt(var)
    x_hat = (x - mean) / torch.sqrt(std**2 + eps)
    return gamma * x_hat + beta
