"""Your update stands above the if, so that inference updates the running statistics and then normalises with
the new ones. Only a training call may change them.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean = x.mean(dim=0)
    var = x.var(dim=0, unbiased=False)
    with torch.no_grad():
        running_mean.mul_(1 - momentum).add_(momentum * mean)
        running_var.mul_(1 - momentum).add_(momentum * var)
    if not training:
        mean, var = running_mean.clone(), running_var.clone()
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
