"""Has its inner loop compiled by TorchScript.

Expected: accepted
"""

import torch


@torch.jit.script
def moments(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean = x.sum(dim=0) / x.size(0)
    return mean, ((x - mean) * (x - mean)).sum(dim=0) / x.size(0)


@torch.jit.script
def affine(
    x: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    eps: float,
):
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return affine(x, running_mean, running_var, gamma, beta, eps)
    mean, var = moments(x)
    with torch.no_grad():
        running_mean.mul_(1 - momentum).add_(momentum * mean)
        running_var.mul_(1 - momentum).add_(momentum * var)
    return affine(x, mean, var, gamma, beta, eps)
