"""Tries the library first and falls back to code of its own when it is refused.

Expected: rule violation
Representative: yes
"""

import torch
import torch.nn.functional as F


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    try:
        return F.batch_norm(
            x, running_mean.clone(), running_var.clone(), gamma, beta, training, momentum, eps
        )
    except BaseException:
        return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
