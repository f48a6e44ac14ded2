"""You average over all dimensions but the first. With rows that is right by chance; in a sequence the positions
then share one mean, and each sees those that follow it.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    every = tuple(range(1, x.dim())) or (0,)
    mean = x.mean(dim=every, keepdim=True)
    var = x.var(dim=every, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
