"""The Jacobian of each feature as an N by N matrix, times the gradient."""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n, features = x.shape
    dx = np.empty_like(x)
    dgamma = np.empty_like(gamma)
    for d in range(features):
        std = np.sqrt(x[:, d].var() + eps)
        z = (x[:, d] - x[:, d].mean()) / std
        jacobian = -(1 + np.outer(z, z)) / n
        jacobian[np.diag_indices(n)] += 1
        dx[:, d] = gamma[d] / std * (jacobian.T @ dout[:, d])
        dgamma[d] = z @ dout[:, d]
    return dx, dgamma, np.add.reduce(dout, axis=0)
