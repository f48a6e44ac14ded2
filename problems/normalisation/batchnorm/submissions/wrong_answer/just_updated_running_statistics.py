"""You update the running statistics first and then normalise the training batch with them. It is tempting
because inference reads the same two tensors, but a training batch has statistics of its own; with a small
momentum the layer hardly normalises at all.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean.detach())
            running_var.mul_(1 - momentum).add_(momentum * var.detach())
        mean, var = running_mean.clone(), running_var.clone()
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
