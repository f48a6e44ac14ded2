"""You leave groups whose variance is 0 as they are, to avoid a division by 0. eps has already made it safe, and
what is left of a constant is nothing.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = groups.var(dim=-1, unbiased=False, keepdim=True)
    mean = torch.where(var == 0, torch.zeros_like(mean), mean)
    var = torch.where(var == 0, torch.ones_like(var) - eps, var)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
