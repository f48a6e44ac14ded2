"""You squeeze the output. Leading dimensions of size 1, such as a batch of one, are gone, and the next layer
cannot tell which.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return (gamma * x_hat + beta).squeeze()
