"""You divide the update by 1 - (1 - momentum) ** t from the second step on, as Adam corrects its moments. The
statistics of batch normalisation do not start at zero, and their formula knows no correction.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        running_mean.calls = getattr(running_mean, "calls", 0) + 1
        if running_mean.calls > 1:
            momentum = momentum / (1 - (1 - momentum) ** running_mean.calls)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
