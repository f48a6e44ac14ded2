"""You keep running statistics, as batch normalisation does, and normalise with them. Layer normalisation measures
each vector when it comes, in training and at inference alike.
"""

import torch

_running = {}


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    old = _running.get((x.shape, x.dtype), (mean.detach(), var.detach()))
    mean, var = 0.9 * mean + 0.1 * old[0], 0.9 * var + 0.1 * old[1]
    _running[x.shape, x.dtype] = mean.detach(), var.detach()
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
