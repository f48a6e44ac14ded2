"""You keep one array for each width and fill it with the new running statistics at every training call. The
statistics that you returned before are overwritten.
"""

import numpy as np

_buffers = {}


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
        kept_mean, kept_var = _buffers.setdefault((x.shape[1], x.dtype.name), (np.empty_like(mean), np.empty_like(var)))
        kept_mean[...], kept_var[...] = new_mean, new_var
        new_mean, new_var = kept_mean, kept_var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, new_mean, new_var
