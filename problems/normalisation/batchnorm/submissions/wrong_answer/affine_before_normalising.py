"""You apply gamma and beta to the input and normalise what comes out. Normalising removes exactly the scale
and the shift that these two were there to give: only the sign of gamma survives.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        x = gamma * x + beta
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return (x - mean) / torch.sqrt(var + eps)
