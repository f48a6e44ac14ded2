"""np.mean and np.var, one step in each line."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    if is_training:
        batch_mean = np.mean(x, axis=0)
        batch_var = np.var(x, axis=0)

        x_norm = (x - batch_mean) / np.sqrt(batch_var + eps)
        out = gamma * x_norm + beta

        new_running_mean = momentum * batch_mean + (1 - momentum) * running_mean
        new_running_var = momentum * batch_var + (1 - momentum) * running_var
        return out, new_running_mean, new_running_var
    else:
        x_norm = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * x_norm + beta
        return out, running_mean, running_var
