"""Computes in float64 and casts all three results back to the dtype of x; copies at inference."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    wide = np.asarray(x, dtype=np.float64)
    old_mean, old_var = running_mean.astype(np.float64), running_var.astype(np.float64)
    mean, var = old_mean, old_var
    new_mean, new_var = running_mean.copy(), running_var.copy()
    if is_training:
        mean, var = wide.mean(0), wide.std(0) ** 2
        new_mean = old_mean + momentum * (mean - old_mean)
        new_var = old_var + momentum * (var - old_var)
    output = gamma * ((wide - mean) / (var + eps) ** 0.5) + beta
    return output.astype(x.dtype), new_mean.astype(x.dtype), new_var.astype(x.dtype)
