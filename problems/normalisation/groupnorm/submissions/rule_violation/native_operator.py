"""You call the operator beneath the built-in group norm. The rule holds for every route."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    n, c = x.shape[:2]
    return torch.ops.aten.native_group_norm(x.contiguous(), gamma, beta, n, c, x[0, 0].numel(), num_groups, eps)[0]
