"""You use x - mean where x_hat belongs in the short formula for dx. One division by the deviation is missing,
which shows where the deviation is far from 1.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    centred = x - x.mean(axis=0)
    dx = inv_std / n * (n * dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * centred).sum(axis=0))
    return dx, dgamma, dbeta
