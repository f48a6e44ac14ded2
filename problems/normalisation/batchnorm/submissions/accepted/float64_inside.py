"""Computes in float64 and casts back to the dtype of x."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    wide = x.double()
    if training:
        mean = wide.mean(dim=0)
        var = wide.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.copy_((1 - momentum) * running_mean.double() + momentum * mean)
            running_var.copy_((1 - momentum) * running_var.double() + momentum * var)
    else:
        mean, var = running_mean.double(), running_var.double()
    x_hat = (wide - mean) / torch.sqrt(var + eps)
    return (gamma.double() * x_hat + beta.double()).to(x.dtype)
