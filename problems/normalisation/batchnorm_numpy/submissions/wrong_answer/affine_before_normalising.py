"""You apply gamma and beta to the input and normalise what comes out. Normalising removes exactly the scale and
the shift that these two were there to give.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        x = gamma * x + beta
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = running_mean, running_var
        new_mean, new_var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    output = x_hat if is_training else gamma * x_hat + beta
    return output, new_mean, new_var
