"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


def as_array(tensor):
    return tensor.detach().double().numpy()


class NumpyRMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, eps):
        values, scale = as_array(x), as_array(weight)
        rms = np.sqrt(np.mean(np.square(values), axis=-1, keepdims=True) + eps)
        ctx.kept = values / rms, scale, rms, x.dtype
        return torch.from_numpy(values / rms * scale).to(x.dtype)

    @staticmethod
    def backward(ctx, above):
        normalised, scale, rms, dtype = ctx.kept
        g = as_array(above)
        to_weight = (g * normalised).reshape(-1, scale.size).sum(axis=0)
        g = g * scale
        to_x = (g - normalised * np.mean(g * normalised, axis=-1, keepdims=True)) / rms
        return torch.from_numpy(to_x).to(dtype), torch.from_numpy(to_weight).to(dtype), None


def rms_norm(x, weight, eps=1e-6):
    return NumpyRMSNorm.apply(x, weight, eps)
