"""You keep the running statistics in a global of your own, one pair for each width, and copy them out to the
caller. With one layer it works; two layers of the same width share one pair.
"""

import torch

_own = {}


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    own_mean, own_var = _own.setdefault(running_mean.shape, (running_mean.clone(), running_var.clone()))
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            own_mean.mul_(1 - momentum).add_(momentum * mean)
            own_var.mul_(1 - momentum).add_(momentum * var)
            running_mean.copy_(own_mean)
            running_var.copy_(own_var)
    else:
        mean, var = own_mean.clone(), own_var.clone()
    output = gamma * (x - mean) / torch.sqrt(var + eps) + beta
    return output.to(x.dtype)
