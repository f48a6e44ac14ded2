"""You divide gamma by the standard deviation in place, to multiply only once. The parameter is changed by
every forward pass, and training drifts away without an error.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    if training:
        gamma.data.div_(torch.sqrt(var.detach() + eps))
        return gamma * (x - mean) + beta
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
