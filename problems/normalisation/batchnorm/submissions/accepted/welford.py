"""Welford's running mean and sum of squares, one row at a time."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = torch.zeros_like(x[0])
        squares = torch.zeros_like(x[0])
        for count, row in enumerate(x, start=1):
            delta = row - mean
            mean = mean + delta / count
            squares = squares + delta * (row - mean)
        var = squares / len(x)
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(var, momentum)
    else:
        mean, var = running_mean, running_var
    return gamma * ((x - mean) / torch.sqrt(var + eps)) + beta
