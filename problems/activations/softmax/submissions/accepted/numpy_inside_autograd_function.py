"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


class NumpySoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, axis):
        values = x.detach().numpy()
        powers = np.exp(values - values.max(axis=axis, keepdims=True))
        ctx.axis, ctx.y = axis, powers / powers.sum(axis=axis, keepdims=True)
        return torch.from_numpy(ctx.y.copy())

    @staticmethod
    def backward(ctx, above):
        g = above.numpy()
        mean = np.sum(g * ctx.y, axis=ctx.axis, keepdims=True)
        return torch.from_numpy(ctx.y * (g - mean)), None


def my_softmax(x, dim=-1):
    return NumpySoftmax.apply(x, dim)
