"""You sum over the features and do not divide by their number. The value grows with D, so that nothing is centred.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.sum(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
