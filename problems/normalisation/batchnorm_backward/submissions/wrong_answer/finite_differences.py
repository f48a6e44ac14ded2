"""You move each number a little and divide the change of the loss by the step. That is the right way to check a
gradient, but half of the digits are lost, and it costs a forward pass for each number.
"""

import numpy as np


def normalised(column, eps):
    return (column - column.mean()) / np.sqrt(column.var() + eps)


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    h = 1e-6
    dx, dgamma = np.empty_like(x), np.empty_like(gamma)
    for d in range(x.shape[1]):
        column = np.array(x[:, d], dtype=np.float64)
        here = normalised(column, eps)
        dgamma[d] = dout[:, d] @ here
        for i in range(len(column)):
            column[i] += h
            dx[i, d] = gamma[d] * (dout[:, d] @ (normalised(column, eps) - here)) / h
            column[i] = x[i, d]
    return dx, dgamma, dout.sum(axis=0)
