"""You compute the variance as mean of squares minus square of mean. For features far from zero both are large and
nearly equal, and float32 keeps nothing of their difference.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = np.maximum((x**2).mean(axis=0) - mean**2, 0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, new_mean, new_var
