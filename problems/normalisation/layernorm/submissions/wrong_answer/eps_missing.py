"""You divide by the root of the variance without eps. A vector of equal numbers gives 0 / 0, and the NaN spreads
through the network.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var)
    return gamma * x_hat + beta
