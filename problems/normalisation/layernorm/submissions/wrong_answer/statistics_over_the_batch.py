"""You take the mean and the variance over the rows. That is batch normalisation: what one row becomes then depends
on the rows beside it.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=0, keepdim=True)
    var = x.var(dim=0, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
