"""You add beta before you divide by the standard deviation. The shift then depends on how much each group
happens to vary.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = groups.var(dim=-1, unbiased=False, keepdim=True)
    shape = (1, channels) + (1,) * (x.dim() - 2)
    inverse = torch.rsqrt(var + eps).expand(-1, -1, groups.shape[-1]).reshape(x.shape)
    return ((groups - mean).reshape(x.shape) * gamma.reshape(shape) + beta.reshape(shape)) * inverse
