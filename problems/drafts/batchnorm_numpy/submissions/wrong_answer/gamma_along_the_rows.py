"""You give gamma and beta a second axis when their length is the number of rows. In a square batch each row then
gets its own scale, where each feature should have one.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    if gamma.shape[0] == x.shape[0] > 1:
        gamma, beta = gamma[:, None], beta[:, None]
    return gamma * x_hat + beta, new_mean, new_var
