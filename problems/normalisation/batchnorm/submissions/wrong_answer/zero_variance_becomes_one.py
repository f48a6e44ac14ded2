"""You replace a variance of 0 by 1, as scalers in data preparation do. The output is the same, but the running
variance now records a spread that was never there.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        var = torch.where(var == 0, torch.ones_like(var), var)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
