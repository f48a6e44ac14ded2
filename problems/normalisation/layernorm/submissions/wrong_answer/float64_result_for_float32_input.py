"""You compute in float64 for precision and do not convert back. The result should have the dtype of x; twice the
memory goes through all layers that follow.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    x, gamma, beta = x.double(), gamma.double(), beta.double()
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
