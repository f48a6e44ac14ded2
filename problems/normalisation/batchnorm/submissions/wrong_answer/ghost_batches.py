"""You normalise chunks of 32 rows, each with its own statistics. That is ghost batch normalisation, which some use on
purpose to add noise. Here the batch is one batch, however many rows it has.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
        chunks = [(chunk - chunk.mean(dim=0)) / torch.sqrt(chunk.var(dim=0, unbiased=False) + eps) for chunk in x.split(32)]
        return gamma * torch.cat(chunks) + beta
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
