"""A custom autograd.Function with the slope Φ(x) + x * φ(x)."""

import math

import torch


class GELU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        phi = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
        ctx.save_for_backward(x, phi)
        return x * phi

    @staticmethod
    def backward(ctx, grad_output):
        x, phi = ctx.saved_tensors
        density = torch.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
        return grad_output * (phi + x * density)


def my_gelu(x):
    return GELU.apply(x)
