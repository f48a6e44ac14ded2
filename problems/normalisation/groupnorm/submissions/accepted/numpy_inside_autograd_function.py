"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


class NumpyGroupNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, num_groups, gamma, beta, eps):
        values = x.detach().numpy()
        groups = values.reshape(values.shape[0], num_groups, -1)
        std = np.sqrt(groups.var(axis=2, keepdims=True) + eps)
        x_hat = ((groups - groups.mean(axis=2, keepdims=True)) / std).reshape(*values.shape[:2], -1)
        ctx.kept = x_hat, gamma.detach().numpy()[:, None], std
        y = x_hat * gamma.detach().numpy()[:, None] + beta.detach().numpy()[:, None]
        return torch.from_numpy(y.astype(values.dtype).reshape(values.shape))

    @staticmethod
    def backward(ctx, above):
        x_hat, gamma, std = ctx.kept
        g = above.numpy().reshape(x_hat.shape)
        to_gamma, to_beta = (g * x_hat).sum(axis=(0, 2)), g.sum(axis=(0, 2))
        g, h = (each.reshape(std.shape[0], std.shape[1], -1) for each in (g * gamma, x_hat))
        to_x = (g - g.mean(axis=2, keepdims=True) - h * (g * h).mean(axis=2, keepdims=True)) / std
        to_x, to_gamma, to_beta = (torch.from_numpy(np.asarray(each, dtype=above.numpy().dtype)) for each in (to_x, to_gamma, to_beta))
        return to_x.reshape(above.shape), None, to_gamma, to_beta, None


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    if x.shape[1] % num_groups:
        raise ValueError(f"{x.shape[1]} is not a multiple of {num_groups}")
    return NumpyGroupNorm.apply(x, num_groups, gamma, beta, eps)
