"""You take dimension 1 for the features when x has four dimensions, as convolutions lay images out. This problem
normalises over the last dimension, whatever the others mean.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dim = 1 if x.dim() == 4 else -1
    mean = x.mean(dim=dim, keepdim=True)
    var = x.var(dim=dim, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
