"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


class NumpyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        values = x.detach().numpy()
        ctx.slope = np.asarray(values >= 0, dtype=values.dtype)
        return torch.from_numpy(np.asarray(np.maximum(values, 0)))

    @staticmethod
    def backward(ctx, above):
        return above * torch.from_numpy(ctx.slope)


def relu(x):
    return NumpyReLU.apply(x)
