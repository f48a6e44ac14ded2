"""You set dx to 0 for features that do not vary, for fear of the division by zero. With eps there is none: a small
change of one row would change the output, and much.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    dx = inv_std / n * (n * dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * x_hat).sum(axis=0))
    dx = np.where(x.max(axis=0) == x.min(axis=0), 0, dx).astype(x.dtype)
    return dx, dgamma, dbeta
