"""The sigmoid by tanh: silu(z) = z / 2 * (1 + tanh(z / 2))."""

import torch
from torch import nn


def silu(z):
    half = z / 2
    return half * (1 + torch.tanh(half))


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.down_proj = nn.Linear(d_ff, d_model)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.gate_proj = nn.Linear(d_model, d_ff)

    def forward(self, x):
        return self.down_proj(self.up_proj(x) * silu(self.gate_proj(x)))
