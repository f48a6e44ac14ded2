"""Replaces functions of Python's own by which the judge goes through what it has seen, once it is called.

Expected: wrong answer
"""

import builtins

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    builtins.sorted = lambda values, **_options: list(values)
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
