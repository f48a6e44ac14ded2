"""Computes forward and backward in NumPy, inside a custom autograd function.

Expected: accepted
"""

import numpy as np
import torch


class BatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, mean, var, eps, through_statistics):
        values = x.detach().numpy()
        inverse = 1 / np.sqrt(var.detach().numpy() + np.asarray(eps, dtype=values.dtype))
        x_hat = (values - mean.detach().numpy()) * inverse
        ctx.kept = x_hat, inverse, gamma.detach().numpy(), through_statistics
        return torch.from_numpy(np.ascontiguousarray(gamma.detach().numpy() * x_hat + beta.detach().numpy()))

    @staticmethod
    def backward(ctx, gradient):
        x_hat, inverse, gamma, through_statistics = ctx.kept
        g = gradient.numpy()
        gx = g * gamma * inverse
        if through_statistics:
            gx = gx - gx.mean(axis=0) - x_hat * (gx * x_hat).mean(axis=0)
        made = [np.ascontiguousarray(each) for each in (gx, (g * x_hat).sum(axis=0), g.sum(axis=0))]
        return (*map(torch.from_numpy, made), None, None, None, None)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = running_mean, running_var
    if training:
        mean = x.detach().mean(0)
        var = ((x.detach() - mean) ** 2).mean(0)
        running_mean.mul_(1 - momentum).add_(momentum * mean)
        running_var.mul_(1 - momentum).add_(momentum * var)
    return BatchNorm.apply(x, gamma, beta, mean.clone(), var.clone(), eps, training)
