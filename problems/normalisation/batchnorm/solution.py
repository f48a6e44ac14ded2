"""Batch normalisation, after S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network
Training by Reducing Internal Covariate Shift", 2015: Algorithm 1 for training, the last lines of
Algorithm 2 for inference.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    """Normalise each feature of `x`, of shape (N, D), then scale it by `gamma` and shift it by `beta`."""
    if training:
        # Algorithm 1: each feature's mean and variance over the mini-batch. They stay in the graph,
        # because every row of x moves them, and so every row moves every output.
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)  # biased: divided by N

        # The running statistics are a record for later, not part of this step's computation.
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        # Algorithm 2: at inference one row's result must not depend on the rows beside it.
        mean, var = running_mean, running_var

    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
