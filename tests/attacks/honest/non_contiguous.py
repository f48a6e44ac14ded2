"""Works on the transpose and returns a non-contiguous view of it.

Expected: accepted
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    columns = x.t()
    mean, var = running_mean[:, None], running_var[:, None]
    if training:
        mean = columns.mean(dim=1, keepdim=True)
        var = (
            columns.var(dim=1, unbiased=False, keepdim=True)
            if x.shape[0] > 1
            else ((columns - mean) ** 2).mean(1, keepdim=True)
        )
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean[:, 0])
            running_var.mul_(1 - momentum).add_(momentum * var[:, 0])
    return (gamma[:, None] * (columns - mean) * torch.rsqrt(var + eps) + beta[:, None]).t()
