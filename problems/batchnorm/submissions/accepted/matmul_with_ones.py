"""Column sums as products with a row of ones."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        n = x.shape[0]
        ones = torch.ones(1, n, dtype=x.dtype)
        mean = (ones @ x).squeeze(0) / n
        var = (ones @ (x - mean).pow(2)).squeeze(0) / n
        torch.add((1 - momentum) * running_mean, mean.detach(), alpha=momentum, out=running_mean)
        torch.add((1 - momentum) * running_var, var.detach(), alpha=momentum, out=running_var)
    else:
        mean, var = running_mean, running_var
    return torch.addcmul(beta, gamma, (x - mean).div(torch.sqrt(var + eps)))
