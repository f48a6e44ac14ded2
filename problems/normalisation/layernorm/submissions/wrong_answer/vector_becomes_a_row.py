"""You turn a single vector into a batch of one row and return it as one. The result should have the shape of x,
also when that is (D,).
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    x = torch.atleast_2d(x)
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
