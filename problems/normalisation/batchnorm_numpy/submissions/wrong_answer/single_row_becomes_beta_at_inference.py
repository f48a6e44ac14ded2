"""You return beta for a batch of one row in both modes. That is right in training, where the row is its own mean; at
inference the row is compared with the running mean, and most predictions are made for a single row.
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
    if len(x) == 1:
        x_hat = np.zeros_like(x)
    return gamma * x_hat + beta, new_mean, new_var
