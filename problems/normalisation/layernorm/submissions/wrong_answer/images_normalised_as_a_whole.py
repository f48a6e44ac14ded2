"""You reduce the last three dimensions when x has four, so that each image has one mean. Only the last dimension
holds the features of one vector.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dims = (1, 2, 3) if x.dim() == 4 else (-1,)
    mean = x.mean(dim=dims, keepdim=True)
    var = x.var(dim=dims, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
