"""You divide gamma by the deviation in place, to get one factor. The parameter is changed by every backward pass,
before the optimiser has seen its gradient.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    gamma *= inv_std
    dx = gamma / n * (n * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta
