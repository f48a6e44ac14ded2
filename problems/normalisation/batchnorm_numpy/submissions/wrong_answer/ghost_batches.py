"""You normalise chunks of 32 rows, each with its own statistics. That is ghost batch normalisation, which some use
on purpose to add noise. Here the batch is one batch, however many rows it has.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    if is_training:
        chunks = [x[start : start + 32] for start in range(0, x.shape[0], 32)]
        x_hat = np.concatenate([(each - each.mean(axis=0)) / np.sqrt(each.var(axis=0) + eps) for each in chunks])
    return gamma * x_hat + beta, new_mean, new_var
