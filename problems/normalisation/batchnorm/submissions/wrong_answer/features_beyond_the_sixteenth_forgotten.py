"""You normalise the first 16 features and pass the others through. A constant that was once the size of a toy
example does this, and no error tells that the real input is wider.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    normalised = (x - mean) / torch.sqrt(var + eps)
    return gamma * torch.cat([normalised[:, :16], x[:, 16:]], dim=1) + beta
