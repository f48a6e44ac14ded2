"""Slice assignment for the update, keepdim for the statistics."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0, keepdim=True)
        var = torch.var(x, dim=0, keepdim=True, unbiased=False)
        running_mean[:] = (1 - momentum) * running_mean + momentum * mean.detach()[0]
        running_var[:] = (1 - momentum) * running_var + momentum * var.detach()[0]
    else:
        mean = running_mean.unsqueeze(0)
        var = running_var.unsqueeze(0)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return x_hat * gamma.reshape(1, -1) + beta.reshape(1, -1)
