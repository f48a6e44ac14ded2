"""You return float16 for float32 arguments, to save memory. Three digits are left of seven, and numbers above 65504 become
infinite; a function hands back at least the precision that it was given.
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
    output = gamma * (x - mean) / np.sqrt(var + eps) + beta
    if x.dtype == np.float32:
        return output.astype(np.float16), new_mean.astype(np.float16), new_var.astype(np.float16)
    return output, new_mean, new_var
