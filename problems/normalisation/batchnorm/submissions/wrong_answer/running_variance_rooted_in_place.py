"""At inference you take the root of running_var in place, with add_ and sqrt_, to save a tensor. The caller's
buffer changes with it, and the next call starts from a number that is no variance.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    if training:
        return gamma * (x - mean) / torch.sqrt(var + eps) + beta
    return gamma * (x - mean) / var.add_(eps).sqrt_() + beta
