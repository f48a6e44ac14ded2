"""Your groups take every G-th channel instead of neighbours: the reshape has the channels of a group before the
groups. That is a channel shuffle; pretrained weights expect neighbours.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, channels // num_groups, num_groups, -1).transpose(1, 2)
    mean = groups.mean(dim=(2, 3), keepdim=True)
    var = groups.var(dim=(2, 3), unbiased=False, keepdim=True)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).transpose(1, 2).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
