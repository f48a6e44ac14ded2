"""You keep one output array for each shape and fill it again at every call, to save allocations. Results that were
returned earlier change under their owner's hands.
"""

import numpy as np

_buffers = {}


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
    buffer = _buffers.setdefault((x.shape, x.dtype.name), np.empty_like(x))
    np.add(gamma * x_hat, beta, out=buffer)
    return buffer, new_mean, new_var
