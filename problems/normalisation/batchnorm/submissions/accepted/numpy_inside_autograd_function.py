"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


class NumpyBatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, mean, var, eps, training):
        x_hat = (x.detach().numpy() - mean) / np.sqrt(var + eps)
        ctx.kept = x_hat, gamma.detach().numpy() / np.sqrt(var + eps), training
        return torch.from_numpy((gamma.detach().numpy() * x_hat + beta.detach().numpy()).astype(x_hat.dtype))

    @staticmethod
    def backward(ctx, above):
        x_hat, factor, training = ctx.kept
        g = above.numpy()
        to_x = g
        if training:
            to_x = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
        gradients = to_x * factor, (g * x_hat).sum(axis=0), g.sum(axis=0)
        return (*(torch.from_numpy(np.asarray(each, dtype=g.dtype)) for each in gradients), None, None, None, None)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    old_mean, old_var = running_mean.numpy(), running_var.numpy()
    if training:
        values = x.detach().numpy()
        mean, var = values.mean(axis=0), values.var(axis=0)
        old_mean[...] = (1 - momentum) * old_mean + momentum * mean
        old_var[...] = (1 - momentum) * old_var + momentum * var
    else:
        mean, var = old_mean.copy(), old_var.copy()
    return NumpyBatchNorm.apply(x, gamma, beta, mean, var, eps, training)
