"""You keep one array for each shape and fill it with dx at every call, to save allocations. A gradient that you
returned earlier changes under its owner's hands.
"""

import numpy as np

_buffers = {}


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    dx = inv_std / n * (n * dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * x_hat).sum(axis=0))
    buffer = _buffers.setdefault((x.shape, x.dtype.name), np.empty_like(x))
    buffer[...] = dx
    return buffer, dgamma, dbeta
