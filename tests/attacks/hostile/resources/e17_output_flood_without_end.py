"""A thread floods stdout and stderr below Python's buffers, without end.

Expected: time limit exceeded, run-time error
"""

import os
import threading

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


def flood(descriptor):
    while True:
        os.write(descriptor, b"\x1b[2J\xff\xfe" * 10_000)


for descriptor in (1, 2):
    threading.Thread(target=flood, args=(descriptor,), daemon=True).start()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    while x.shape[0] == 9:
        os.write(1, b"flood" * 10_000)
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
