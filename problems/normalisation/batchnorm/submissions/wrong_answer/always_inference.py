"""Your function always uses the running statistics and never updates them, whatever training says. With the
usual starting values of 0 and 1 it then does nothing but scale and shift, and nobody notices until training
diverges.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = running_mean.clone(), running_var.clone()
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
