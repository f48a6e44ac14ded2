"""You find the axis of the rows by comparing its length with gamma's. In a square batch both axes fit, and you
take the wrong one.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        axis = 1 if x.shape[1] == x.shape[0] > 1 else 0
        mean = x.mean(axis=axis)
        var = x.var(axis=axis)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, new_mean, new_var
