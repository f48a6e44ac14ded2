"""Shows one function and runs the code of another, with a poisoned line cache.

Expected: rule violation, wrong answer, run-time error
"""

import linecache

import torch
import torch.nn.functional as F


def real(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    """An honest function."""
    return x


my_batch_norm.__code__ = real.__code__
linecache.cache.clear()
linecache.getline = lambda *_a: "\x1b[2Jreturn honest(x)" * 1000
