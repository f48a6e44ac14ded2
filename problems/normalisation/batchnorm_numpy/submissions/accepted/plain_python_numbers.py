"""Lists and the math module; NumPy only makes the arrays at the end."""

import math

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    rows = x.tolist()
    n = len(rows)
    output = [[0.0] * len(rows[0]) for _ in rows]
    new_mean, new_var = [], []
    for d, (g, b, old_mean, old_var) in enumerate(zip(gamma.tolist(), beta.tolist(), running_mean.tolist(), running_var.tolist())):
        mean, var = old_mean, old_var
        if is_training:
            mean = math.fsum(row[d] for row in rows) / n
            var = math.fsum((row[d] - mean) ** 2 for row in rows) / n
            old_mean = (1 - momentum) * old_mean + momentum * mean
            old_var = (1 - momentum) * old_var + momentum * var
        new_mean.append(old_mean)
        new_var.append(old_var)
        for i, row in enumerate(rows):
            output[i][d] = g * (row[d] - mean) / math.sqrt(var + eps) + b
    return tuple(np.array(each, dtype=x.dtype) for each in (output, new_mean, new_var))
