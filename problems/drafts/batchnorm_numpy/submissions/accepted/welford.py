"""Welford's running mean and sum of squares, one row at a time."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean, squares = np.zeros_like(x[0]), np.zeros_like(x[0])
        for count, row in enumerate(x, start=1):
            delta = row - mean
            mean = mean + delta / count
            squares = squares + delta * (row - mean)
        var = squares / len(x)
        stats = tuple((1 - momentum) * old + momentum * new for old, new in ((running_mean, mean), (running_var, var)))
    else:
        mean, var = stats = running_mean, running_var
    return (gamma * ((x - mean) / np.sqrt(var + eps)) + beta, *stats)
