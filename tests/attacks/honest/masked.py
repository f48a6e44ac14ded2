"""Masked tensors, nested dictionaries and reductions of torch.masked.

Expected: accepted
"""

import torch
import torch.masked


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mask = torch.ones_like(x, dtype=torch.bool)
    if training:
        mean = torch.masked.mean(x, 0, mask=mask)
        var = torch.masked.var(x, 0, unbiased=False, mask=mask)
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(var, momentum)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
