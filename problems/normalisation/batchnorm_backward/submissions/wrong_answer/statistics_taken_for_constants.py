"""You multiply dout by gamma / sqrt(var + eps) and stop there. That is the gradient at inference, where the
statistics are fixed; in training every x also moves the mean and the variance of its batch.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = centred * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    dx = dx_hat * inv_std
    return dx, dgamma, dbeta
