"""You take the root of the variance, and square it again to add eps. The value is the same, but the root has
an infinite slope at 0: a constant feature makes the gradient nan.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        std = x.var(dim=0, unbiased=False).sqrt()
        var = std**2
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
