"""Prints what it does, at length, on stdout and stderr.

Expected: accepted
"""

import sys

import torch

print("loading my batch norm")


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print("x:", x, "training:", training)
    for row in x:
        print("row", row.tolist(), file=sys.stderr)
    print("mean:", x.mean(0), "\x1b[32mvariance:\x1b[0m", x.var(0, unbiased=False))
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
