"""You fold the mean into beta in place. The parameter is changed by every forward pass, and the second call
starts from another shift.
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
        beta.data.sub_(gamma.detach() * mean.detach() / torch.sqrt(var.detach() + eps))
        return gamma * x / torch.sqrt(var + eps) + beta
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
