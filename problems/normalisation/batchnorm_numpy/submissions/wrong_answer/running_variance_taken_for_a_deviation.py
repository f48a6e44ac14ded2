"""You divide by the running variance at inference as if it were a deviation. The statistics hold the variance, and
the root has still to be taken.
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
    std = np.sqrt(var + eps) if is_training else var + eps
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, new_mean, new_var
