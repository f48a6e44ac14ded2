"""You average over axis 1, so that there are N statistics where D are needed. Only a square batch lets that
through without an error.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=1) + eps)
    x_hat = (x - x.mean(axis=1)) * inv_std
    dbeta = dout.sum(axis=1)
    dgamma = (dout * x_hat).sum(axis=1)
    dx_hat = gamma * dout
    dx = inv_std / n * (n * dx_hat - dx_hat.sum(axis=1) - x_hat * (dx_hat * x_hat).sum(axis=1))
    return dx, dgamma, dbeta
