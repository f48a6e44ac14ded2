"""Normalises centred features by RMS normalisation from a library that PyTorch ships beside its own.

Expected: rule violation
"""

import torch
from torch._vendor.quack.rmsnorm import rmsnorm


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
    normalised = rmsnorm((x - x.mean(0)).T, eps=eps).T
    with torch.no_grad():
        running_mean.lerp_(x.mean(0), momentum)
        running_var.lerp_(x.var(0, unbiased=False), momentum)
    return gamma * normalised + beta
