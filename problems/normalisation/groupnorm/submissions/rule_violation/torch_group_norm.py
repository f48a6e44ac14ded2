"""You call torch.group_norm, which is where F.group_norm ends."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    if x.shape[1] % num_groups:
        raise ValueError(num_groups)
    return torch.group_norm(x, num_groups, gamma, beta, eps)
