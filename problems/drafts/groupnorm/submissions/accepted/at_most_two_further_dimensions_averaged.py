"""The average is taken over the channels of a group, height and width."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, channels // num_groups, *x.shape[2:])
    dims = tuple(range(2, min(groups.dim(), 5)))
    mean = groups.mean(dim=dims, keepdim=True)
    var = groups.var(dim=dims, unbiased=False, keepdim=True)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
