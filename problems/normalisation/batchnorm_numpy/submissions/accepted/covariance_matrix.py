"""The variances from the diagonal of the covariance matrix, the update on copies of the running statistics."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    new_mean, new_var = running_mean.copy(), running_var.copy()
    if is_training:
        mean = np.ones(len(x), dtype=x.dtype) @ x / len(x)
        var = np.diag(np.atleast_2d(np.cov(x, rowvar=False, bias=True))).astype(x.dtype)
        new_mean *= 1 - momentum
        new_mean += momentum * mean
        new_var *= 1 - momentum
        new_var += momentum * var
    else:
        mean, var = new_mean, new_var
    centred = np.subtract(x, mean)
    output = np.empty_like(x)
    np.divide(centred, np.sqrt(var + eps), out=output)
    np.multiply(output, gamma, out=output)
    np.add(output, beta, out=output)
    return output, new_mean, new_var
