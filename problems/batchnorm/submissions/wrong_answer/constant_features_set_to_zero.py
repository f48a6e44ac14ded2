"""You set the output of features that do not vary to 0. They carry no information, but their place is beta: a
layer that has learned a shift for them expects it.
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
    output = gamma * (x - mean) / torch.sqrt(var + eps) + beta
    if training:
        output = torch.where(var == 0, torch.zeros_like(output), output)
    return output
