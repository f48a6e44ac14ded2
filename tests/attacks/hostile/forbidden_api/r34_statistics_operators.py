"""Lets the operators behind synchronised batch norm compute the statistics.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = torch.batch_norm_update_stats(x.detach(), running_mean, running_var, momentum)
    return (x - mean) / torch.sqrt(var + eps) * gamma + beta
