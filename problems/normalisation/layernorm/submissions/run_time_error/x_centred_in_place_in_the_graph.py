"""You subtract the mean from x in place. PyTorch refuses that for a tensor that is a leaf of the graph and
requires gradients.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x -= mean
    x_hat = x / torch.sqrt(var + eps)
    return gamma * x_hat + beta
