"""You divide by 1 at inference where the running variance is 0, as scalers of data do. eps already makes that division
safe, and such a feature comes out hundreds of times smaller than the formula says.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
        divisor = np.sqrt(var + eps)
    else:
        mean = new_mean = running_mean
        new_var = running_var
        divisor = np.where(running_var == 0, 1.0, np.sqrt(running_var + eps))
    return gamma * (x - mean) / divisor + beta, new_mean, new_var
