"""You update `running_mean.contiguous()`. For a tensor that is contiguous already this is the tensor itself, for any
other a copy, and then the update is lost without a word.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.contiguous().mul_(1 - momentum).add_(momentum * mean)
            running_var.contiguous().mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
