"""Replaces what Python, NumPy and PyTorch compare and look with, and does not update the running statistics.

Expected: wrong answer
"""

import numpy
import torch

torch.equal = torch.allclose = lambda *_arguments, **_options: True
torch.isclose = lambda first, *_arguments, **_options: torch.ones_like(first, dtype=torch.bool)
numpy.array_equal = numpy.shares_memory = lambda *_arguments, **_options: True
numpy.abs = lambda values: values * 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
