"""A scripted nn.Module does the affine part.

Expected: accepted
"""

import torch
from torch import nn, Tensor


class Affine(nn.Module):
    def forward(
        self, x: Tensor, mean: Tensor, var: Tensor, gamma: Tensor, beta: Tensor, eps: float
    ) -> Tensor:
        return gamma * (x - mean) / torch.sqrt(var + eps) + beta


AFFINE = torch.jit.script(Affine())


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return AFFINE(x, mean, var, gamma, beta, float(eps))
