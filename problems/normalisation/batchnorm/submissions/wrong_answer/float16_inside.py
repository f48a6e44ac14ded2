"""You compute in float16 and return float32. Half precision keeps three digits: the statistics are rounded far
more coarsely than float32 would.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.half().mean(dim=0).to(x.dtype)
        var = x.half().var(dim=0, unbiased=False).to(x.dtype)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
