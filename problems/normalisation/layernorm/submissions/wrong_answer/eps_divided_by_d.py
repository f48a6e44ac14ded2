"""You add eps to the sum of squares before you divide by D. Its share then depends on the length of the vectors.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = ((x - mean).pow(2).sum(dim=-1, keepdim=True) + eps) / x.shape[-1]
    x_hat = (x - mean) / torch.sqrt(var)
    return gamma * x_hat + beta
