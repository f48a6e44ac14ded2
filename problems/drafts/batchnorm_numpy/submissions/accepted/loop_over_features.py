"""One feature after another, filled into arrays of the right dtype."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    output = np.zeros_like(x)
    new_mean = np.array(running_mean)
    new_var = np.array(running_var)
    for d in range(x.shape[1]):
        column = x[:, d]
        if is_training:
            mean = column.mean()
            var = ((column - mean) ** 2).mean()
            new_mean[d] = (1 - momentum) * running_mean[d] + momentum * mean
            new_var[d] = (1 - momentum) * running_var[d] + momentum * var
        else:
            mean = running_mean[d]
            var = running_var[d]
        output[:, d] = gamma[d] * (column - mean) / np.sqrt(var + eps) + beta[d]
    return output, new_mean, new_var
