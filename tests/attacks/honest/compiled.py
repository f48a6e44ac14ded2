"""Decorates the function with torch.compile, as one does for speed.

Expected: accepted
"""

import torch


@torch.compile
def scaled(x, mean, var, gamma, beta, eps: float):
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


@torch.compile(dynamic=True)
def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return scaled(x, mean, var, gamma, beta, eps)
