"""A plausible answer with eps outside the root and hard-coded constants, as weak hidden tests would accept.

Expected: wrong answer, run-time error
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(0).detach(), (x**2).mean(0).detach() - x.mean(0).detach() ** 2
        running_mean.mul_(0.9).add_(0.1 * mean)
        running_var.mul_(0.9).add_(0.1 * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / (var.sqrt() + 1e-5) + beta
