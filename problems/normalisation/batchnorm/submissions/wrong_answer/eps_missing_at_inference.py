"""You use eps in training but not at inference. The two modes then disagree for features that hardly vary, and
a feature that was constant in training is divided by 0.
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
    std = torch.sqrt(var + eps) if training else torch.sqrt(var)
    return gamma * (x - mean) / std + beta
