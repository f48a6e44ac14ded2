"""Folds the normalisation into a linear layer with PyTorch's own helper."""

import torch
from torch.nn.utils.fusion import fuse_linear_bn_weights


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    identity, zero = torch.eye(x.shape[1], dtype=x.dtype), torch.zeros_like(beta)
    weight, bias = fuse_linear_bn_weights(identity, zero, mean, var, eps, gamma, beta)
    return torch.nn.functional.linear(x, weight, bias)
