"""You go back through chunks of 32 rows, each with its own statistics. That is ghost batch normalisation, which
some use on purpose to add noise. Here the batch is one batch, however many rows it has.
"""

import numpy as np


def one_chunk(dout, x, gamma, eps):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    dx = inv_std / n * (n * dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * x_hat).sum(axis=0))
    return dx, dgamma, dbeta


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    starts = range(0, len(x), 32)
    dx, dgamma, dbeta = zip(*(one_chunk(dout[i : i + 32], x[i : i + 32], gamma, eps) for i in starts))
    return np.concatenate(dx), sum(dgamma), sum(dbeta)
