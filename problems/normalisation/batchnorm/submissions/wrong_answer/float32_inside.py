"""You convert x to float32 before you compute and back afterwards. Whoever passes float64, for instance to
check gradients, wants all sixteen digits and gets seven.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    dtype, x = x.dtype, x.float()
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    output = gamma * (x - mean) / torch.sqrt(var + eps) + beta
    return output.to(dtype)
