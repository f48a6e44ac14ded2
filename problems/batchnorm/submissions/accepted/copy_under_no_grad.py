"""Each new running statistic is computed first and copied into its tensor with copy_."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return gamma * ((x - running_mean) / (running_var + eps) ** 0.5) + beta
    n = x.size(0)
    mean = x.sum(0) / n
    var = (x - mean).square().sum(0) / n
    with torch.no_grad():
        running_mean.copy_((1 - momentum) * running_mean + momentum * mean)
        running_var.copy_((1 - momentum) * running_var + momentum * var)
    return gamma * ((x - mean) / (var + eps) ** 0.5) + beta
