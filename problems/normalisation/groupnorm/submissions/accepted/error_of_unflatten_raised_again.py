"""The channels are unflattened; the error of that is caught, and one of its own is raised."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    try:
        groups = x.unflatten(1, (num_groups, -1))
    except RuntimeError:
        raise ValueError(f"cannot split {x.shape[1]} channels evenly into {num_groups}") from None
    mean = groups.mean(dim=(2, 3, 4), keepdim=True)
    var = groups.var(dim=(2, 3, 4), unbiased=False, keepdim=True)
    x_hat = ((groups - mean) / torch.sqrt(var + eps)).flatten(1, 2)
    return x_hat * gamma[:, None, None] + beta[:, None, None]
