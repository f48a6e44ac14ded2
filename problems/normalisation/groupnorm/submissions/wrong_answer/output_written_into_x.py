"""You write the result into x and return x. It saves one tensor and costs the caller the input."""

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
    result = normalised * gamma.reshape(shape) + beta.reshape(shape)
    return result if result.requires_grad else x.copy_(result)
