"""You return x as it is. Nothing is normalised."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels do not make {num_groups} equal groups")
    return x + 0 * gamma.sum() + 0 * beta.sum()
