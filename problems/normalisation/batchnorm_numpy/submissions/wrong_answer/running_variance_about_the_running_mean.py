"""You measure the running variance from the running mean and not from the mean of the batch. It grows by the
square of their distance, which is large while the running mean still has to catch up.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        around = ((x - new_mean) ** 2).mean(axis=0)
        new_var = (1 - momentum) * running_var + momentum * around
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, new_mean, new_var
