"""Recognises by the stack which case is running and answers only those that compare no values.

Expected: wrong answer, run-time error
"""

import sys

import torch


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
    name = sys._getframe(1).f_code.co_name
    if "gradient" in name or "momentum" in name:
        return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
    return torch.zeros_like(x) + 0 * (gamma + beta)
