"""You take the mean of the output into the running mean. That is about beta in every step; inference needs the
mean of the input.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_var = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    output = gamma * x_hat + beta
    if is_training:
        new_mean = (1 - momentum) * running_mean + momentum * output.mean(axis=0)
    return output, new_mean, new_var
