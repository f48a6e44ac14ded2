"""You cut the mean off from the graph. Shifting a whole vector does not change the output, but your gradient says
that it does.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean.detach()) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
