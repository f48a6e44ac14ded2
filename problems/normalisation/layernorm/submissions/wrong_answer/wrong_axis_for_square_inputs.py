"""You find the dimension of the features by its length. In a square input both fit, and you take the first that
does.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dim = 0 if x.dim() == 2 and x.shape[0] == x.shape[1] else -1
    mean = x.mean(dim=dim, keepdim=True)
    var = x.var(dim=dim, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
