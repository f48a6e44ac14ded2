"""You update the running statistics at inference too. Each test batch then changes the model: results depend
on the order of the test data, and measuring twice gives two answers.
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
        mean, var = running_mean.clone(), running_var.clone()
        with torch.no_grad():
            running_mean.lerp_(x.mean(dim=0), momentum)
            running_var.lerp_(x.var(dim=0, unbiased=False), momentum)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
