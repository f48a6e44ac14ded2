"""You compile a call of the built-in group norm with TorchScript. It runs the same operator."""

import torch
import torch.nn.functional as F


@torch.jit.script
def scripted(x: torch.Tensor, num_groups: int, gamma: torch.Tensor, beta: torch.Tensor, eps: float):
    return F.group_norm(x, num_groups, gamma, beta, eps)


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    return scripted(x, num_groups, gamma, beta, eps)
