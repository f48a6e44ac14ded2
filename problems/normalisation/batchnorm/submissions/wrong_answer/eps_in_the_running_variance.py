"""You add eps to the batch's variance first and then record that sum. The divisor is right in training, but at
inference eps is added a second time, and a constant feature no longer shows as one.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False) + eps
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    std = torch.sqrt(var) if training else torch.sqrt(var + eps)
    return gamma * (x - mean) / std + beta
