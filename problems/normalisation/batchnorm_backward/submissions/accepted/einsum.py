"""All sums as einsum."""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    weights = np.full(len(x), 1 / len(x), dtype=x.dtype)
    centred = x - np.einsum("nd,n->d", x, weights)
    precision = 1 / (np.einsum("nd,nd,n->d", centred, centred, weights) + eps)
    through_mean = np.einsum("nd,n->d", dout, weights)
    through_var = np.einsum("nd,nd,n,d->d", dout, centred, weights, precision)
    dx = np.einsum("nd,d->nd", dout - through_mean - centred * through_var, gamma * precision**0.5)
    dgamma = np.einsum("nd,nd,d->d", dout, centred, np.sqrt(precision))
    return dx, dgamma, np.einsum("nd->d", dout)
