"""You compute mean and variance for each channel and average them over the group. The means agree, but the
group's variance also holds how far its channels' means lie apart.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    per_channel = x.reshape(samples, num_groups, channels // num_groups, -1).var(dim=-1, unbiased=False)
    var = per_channel.mean(dim=-1, keepdim=True)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
