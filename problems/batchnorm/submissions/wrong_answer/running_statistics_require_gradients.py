"""You mark the running statistics as requiring gradients. They are records and not parameters: an optimiser
that finds them would train them.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.requires_grad_(False).mul_(1 - momentum).add_(momentum * mean)
            running_var.requires_grad_(False).mul_(1 - momentum).add_(momentum * var)
        running_mean.requires_grad_()
        running_var.requires_grad_()
    else:
        mean, var = running_mean.detach(), running_var.detach()
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
