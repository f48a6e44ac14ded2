"""Writes half a frame in one case and then sleeps.

Expected: time limit exceeded
"""

import os
import struct
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
        os.write(3, struct.pack("!4sII", b"tj1\n", 1000, 1000) + b'{"kind":"observation","case":')
        time.sleep(60)
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
