"""Floods the channel without end from one case.

Expected: run-time error, wrong answer, time limit exceeded
Representative: yes
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


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] == 9:
        while True:
            os.write(3, bytes(1 << 20))
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
