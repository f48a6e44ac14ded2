"""You lay gamma and beta out as (channels of a group, groups) although the channels are (groups, channels of a
group). Every channel gets a gamma, but most get another one's.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = groups.var(dim=-1, unbiased=False, keepdim=True)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    gamma, beta = (each.reshape(-1, num_groups).T.reshape(shape) for each in (gamma, beta))
    return normalised * gamma + beta
