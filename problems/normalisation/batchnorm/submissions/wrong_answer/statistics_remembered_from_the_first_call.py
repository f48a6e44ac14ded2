"""You compute a layer's batch statistics once and reuse them for all its later batches. Caching is tempting in
a notebook, where the same cell runs again and again; each batch has statistics of its own.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        if not hasattr(running_mean, "first"):
            running_mean.first = x.mean(dim=0), x.var(dim=0, unbiased=False)
        mean, var = running_mean.first
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
