"""You keep vectors of zeros at zero, because they look like padding. The layer knows of no padding: a vector of
zeros comes out as beta, and masking is done elsewhere.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    output = gamma * x_hat + beta
    return torch.where((x == 0).all(dim=-1, keepdim=True), torch.zeros_like(output), output)
