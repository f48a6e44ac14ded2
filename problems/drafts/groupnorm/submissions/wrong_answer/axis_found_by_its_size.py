"""You look for the channels among the dimensions by the length of gamma and take the last you find. Shapes
cannot tell dimensions apart: the channels are dimension 1, always.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    axis = max(d for d in range(1, x.dim()) if x.shape[d] == len(gamma))
    x = x.transpose(1, axis)
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = groups.var(dim=-1, unbiased=False, keepdim=True)
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return (normalised * gamma.reshape(shape) + beta.reshape(shape)).transpose(1, axis)
