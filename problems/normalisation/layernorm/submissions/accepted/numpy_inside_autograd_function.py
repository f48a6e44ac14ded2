"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


class NumpyLayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        values, scale, shift = (each.detach().numpy() for each in (x, gamma, beta))
        std = np.sqrt(values.var(axis=-1, keepdims=True) + eps).astype(values.dtype)
        x_hat = (values - values.mean(axis=-1, keepdims=True)) / std
        ctx.kept = x_hat, scale, std
        return torch.from_numpy(scale * x_hat + shift)

    @staticmethod
    def backward(ctx, above):
        x_hat, scale, std = ctx.kept
        above = above.numpy()
        g = above * scale
        to_x = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / std
        rows = (-1, x_hat.shape[-1])
        to_gamma, to_beta = (above * x_hat).reshape(rows).sum(axis=0), above.reshape(rows).sum(axis=0)
        return torch.from_numpy(to_x), torch.from_numpy(to_gamma), torch.from_numpy(to_beta), None


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return NumpyLayerNorm.apply(x, gamma, beta, eps)
