"""You leave the check to reshape. It only looks at how many numbers there are: with enough positions it cuts
channels in half without a word, and otherwise it raises a RuntimeError.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = groups.var(dim=-1, unbiased=False, keepdim=True)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
