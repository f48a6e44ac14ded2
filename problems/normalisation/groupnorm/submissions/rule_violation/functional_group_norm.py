"""You call F.group_norm. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    return F.group_norm(x, num_groups, gamma, beta, eps)
