"""The gate is an autograd function of one's own, with the derivative written down."""

import torch
from torch import nn


class Gate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, u):
        ctx.save_for_backward(z, u)
        return z * torch.sigmoid(z) * u

    @staticmethod
    def backward(ctx, grad):
        z, u = ctx.saved_tensors
        s = torch.sigmoid(z)
        return grad * u * s * (1 + z * (1 - s)), grad * z * s


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.down_proj(Gate.apply(self.gate_proj(x), self.up_proj(x)))
