"""You set numbers below 1e-7 to 0, to hide rounding. Small gradients are not noise: optimisers such as Adam divide
by their size.
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
    dx = np.where(np.abs(dx) < 1e-7, 0, dx).astype(x.dtype)
    return dx, dgamma, dbeta
