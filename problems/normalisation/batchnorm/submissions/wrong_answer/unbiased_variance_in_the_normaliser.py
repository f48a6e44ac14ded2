"""You normalise with x.var(dim=0), which divides by N - 1, although you record the biased variance. The
default of var is meant for estimating a population; normalising a batch divides by N, and a batch of one
would give nan.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    if training:
        var = x.var(dim=0)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
