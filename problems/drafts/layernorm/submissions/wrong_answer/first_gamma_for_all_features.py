"""You use one gamma and one beta for the whole vector. There is one of each for every feature, so that the network
can weigh them against each other.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma[0] * x_hat + beta[0]
