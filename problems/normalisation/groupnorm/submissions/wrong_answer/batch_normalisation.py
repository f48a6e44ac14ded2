"""You average over the batch for each channel and never use num_groups: that is batch normalisation. A sample's
result then depends on who is in the batch with it.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    dims = (0, *range(2, x.dim()))
    mean = x.mean(dim=dims, keepdim=True)
    var = x.var(dim=dims, unbiased=False, keepdim=True)
    normalised = (x - mean) / torch.sqrt(var + eps)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    return normalised * gamma.reshape(shape) + beta.reshape(shape)
