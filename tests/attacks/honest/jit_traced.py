"""Traces the formula with torch.jit.trace.

Expected: accepted
"""

import torch


def formula(x, mean, var, gamma, beta, eps):
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    traced = torch.jit.trace(
        formula, (x, mean, var, gamma, beta, torch.tensor(eps, dtype=x.dtype)), check_trace=False
    )
    return traced(x, mean, var, gamma, beta, torch.tensor(eps, dtype=x.dtype))
