"""Batch normalisation, after S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network
Training by Reducing Internal Covariate Shift", 2015: Algorithm 1 for training, the last lines of
Algorithm 2 for inference.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    """Normalise each feature of `x`, of shape (N, D); return the output and the new running statistics."""
    if is_training:
        # Algorithm 1: each feature's mean and variance over the mini-batch.
        mean = x.mean(axis=0)
        var = ((x - mean) ** 2).mean(axis=0)  # biased: divided by N
        # A moving average of both, for inference. Each line makes a new array: the old one is the caller's.
        new_running_mean = (1 - momentum) * running_mean + momentum * mean
        new_running_var = (1 - momentum) * running_var + momentum * var
    else:
        # Algorithm 2: at inference one row's result must not depend on the rows beside it.
        mean, var = running_mean, running_var
        new_running_mean, new_running_var = running_mean, running_var

    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, new_running_mean, new_running_var
