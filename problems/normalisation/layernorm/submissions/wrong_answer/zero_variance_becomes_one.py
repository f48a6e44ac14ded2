"""You replace a variance of 0 by 1, as scalers of data do. The output is the same, but the gradient of such a
vector is another one: eps alone makes the division safe.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    var = torch.where(var == 0, torch.ones_like(var), var)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
