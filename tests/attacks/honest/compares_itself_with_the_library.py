"""Compares itself with the library's own function when it is imported, where that is refused.

Expected: accepted
"""

import torch
import torch.nn.functional as F


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)


x = torch.randn(8, 3)
mine = my_batch_norm(x, torch.ones(3), torch.zeros(3), torch.zeros(3), torch.ones(3))
try:
    theirs = F.batch_norm(x, None, None, training=True)
    print("agree:", torch.allclose(mine, theirs, atol=1e-5))
except Exception as error:
    print("could not compare:", error)
