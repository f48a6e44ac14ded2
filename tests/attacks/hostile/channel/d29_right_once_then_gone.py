"""Answers the first case rightly and closes the channel, in the hope that what is missing is fine.

Expected: run-time error
"""

import os

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


calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global calls
    calls += 1
    if calls > 1 or x.shape[0] != 7:
        os._exit(0)
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
