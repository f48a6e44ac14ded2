"""Replaces methods of PyTorch's classes by which cases see what was done, though it needs none of them.

Expected: wrong answer
"""

import torch
from torch import nn

nn.Module.named_modules = lambda self, *_arguments, **_options: iter(())
torch.Tensor.data_ptr = lambda self: 1


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
