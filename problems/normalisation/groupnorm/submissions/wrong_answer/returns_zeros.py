"""You return zeros of the right shape, for instance a result that was allocated and never filled."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    return torch.zeros_like(x) * gamma.sum() * beta.sum()
