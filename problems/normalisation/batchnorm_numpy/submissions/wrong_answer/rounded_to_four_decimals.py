"""You round the results to four decimals, as printed examples do. A rounded value in the middle of a network is an
error that the next layers carry on, and small features vanish.
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
    return np.round(gamma * x_hat + beta, 4), np.round(new_mean, 4), np.round(new_var, 4)
