"""You compute the variance as the mean of the squares minus the square of the mean. Both are huge where a group
lies far from zero, and in float32 their difference is noise, which may even be negative.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = (groups**2).mean(dim=-1, keepdim=True) - mean**2
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
