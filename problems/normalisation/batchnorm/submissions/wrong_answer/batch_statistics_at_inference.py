"""You use the batch's own statistics in both modes, and only guard the update by training. Everything looks
fine on large test batches, but the answer for one row then depends on its neighbours, and a single row
always comes out as beta.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean = x.mean(dim=0)
    var = x.var(dim=0, unbiased=False)
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
