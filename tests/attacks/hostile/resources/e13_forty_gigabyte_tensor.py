"""Builds a tensor of 40 GB, as learners do by accident.

Expected: memory limit exceeded
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x - torch.zeros(100_000, 100_000).mean()
