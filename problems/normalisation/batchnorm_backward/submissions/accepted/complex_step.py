"""A step along the imaginary axis: exact derivatives from the forward pass alone, without a difference."""

import numpy as np

STEP = 1e-30


def normalised(column, eps):
    centred = column - column.sum() / len(column)
    return centred / np.sqrt((centred * centred).sum() / len(column) + eps)


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    dx, dgamma = np.zeros(x.shape), np.zeros(gamma.shape)
    for d in range(x.shape[1]):
        column, above = x[:, d].astype(complex), dout[:, d].astype(float)
        dgamma[d] = above @ normalised(column, eps).real
        for i in range(len(column)):
            column[i] += 1j * STEP
            dx[i, d] = float(gamma[d]) * (above @ normalised(column, eps).imag) / STEP
            column[i] = column[i].real
    return dx.astype(x.dtype), dgamma.astype(x.dtype), dout.sum(axis=0)
