"""You take one mean of the gradient over the whole array. Each feature has its own mean and its own variance, and
their gradients are its own too.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    dx = inv_std * (dx_hat - dx_hat.mean() - x_hat * (dx_hat * x_hat).mean())
    return dx, dgamma, dbeta
