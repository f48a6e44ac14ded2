"""You look for the feature axis by its size and reduce over the other one; when N equals D you pick the wrong
one. Shapes cannot tell the axes apart: the first is the batch, always.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        axis = 1 if x.shape[0] == gamma.shape[0] else 0
        mean = x.mean(dim=axis)
        var = x.var(dim=axis, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
