"""You apply gamma and beta to the input and normalise what comes out. The normalisation takes out much of what
these two were there to give.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    x = gamma * x + beta
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return x_hat
