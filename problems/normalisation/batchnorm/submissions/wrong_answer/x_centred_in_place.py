"""You subtract the mean from x through .data, to save a tensor. The caller's batch changes, for instance the
very tensor that a skip connection adds later, and the gradient is wrong without an error.
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
        x.data -= mean.detach()
        return gamma * x / torch.sqrt(var + eps) + beta
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
