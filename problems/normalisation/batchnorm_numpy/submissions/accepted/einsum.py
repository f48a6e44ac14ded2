"""Means as einsum with a vector of equal weights; the three arrays come back in a list."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    mean, var = running_mean, running_var
    if is_training:
        weights = np.full(x.shape[0], 1 / x.shape[0], dtype=x.dtype)
        mean = np.einsum("nd,n->d", x, weights)
        centred = x - mean
        var = np.einsum("nd,nd,n->d", centred, centred, weights)
        running_mean = running_mean + momentum * (mean - running_mean)
        running_var = running_var + momentum * (var - running_var)
    return [np.einsum("nd,d,d->nd", x - mean, gamma, (var + eps) ** -0.5) + beta, running_mean, running_var]
