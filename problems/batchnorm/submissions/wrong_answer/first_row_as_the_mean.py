"""You subtract the first row instead of the mean of all rows. An index left over from looking at the data;
each feature is then centred on one sample.
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
    centre = x[0] if training else mean
    return gamma * (x - centre) / torch.sqrt(var + eps) + beta
