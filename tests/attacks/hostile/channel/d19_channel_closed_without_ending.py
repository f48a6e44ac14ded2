"""Closes its side of the channel in one case and stays alive.

Expected: run-time error, time limit exceeded
"""

import os
import time

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
        os.close(3)
        time.sleep(60)
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
