"""You centre each feature on its median. It is more robust, but it is not batch normalisation: the outputs no
longer have mean beta.
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
    centre = x.median(dim=0).values if training else mean
    return gamma * (x - centre) / torch.sqrt(var + eps) + beta
