"""You put a cache around the function. A tensor's hash is its identity, so that a second call with the same tensors
returns the first result and updates nothing, whatever is in the tensors by then.
"""

import functools

import torch


@functools.lru_cache(maxsize=None)
def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
