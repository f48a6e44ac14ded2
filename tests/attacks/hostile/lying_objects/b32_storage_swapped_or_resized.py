"""Gives the running statistics a storage of another size, or none.

Expected: wrong answer, run-time error, memory limit exceeded
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    running_mean.set_(torch.zeros(1 << 20))
    running_var.untyped_storage().resize_(0)
    return x
