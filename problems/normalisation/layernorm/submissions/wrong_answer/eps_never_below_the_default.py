"""You raise an eps below 1e-5 to 1e-5, to be on the safe side. A caller who passes a smaller one has vectors that need
it, and they come out too small.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + max(eps, 1e-5))
    return gamma * x_hat + beta
