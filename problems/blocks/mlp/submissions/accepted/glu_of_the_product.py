"""PyTorch's GLU multiplies its first half by the sigmoid of its second: silu(z) * u is GLU of z * u and z."""

import torch
import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        layers = {"gate_proj": (d_model, d_ff), "up_proj": (d_model, d_ff), "down_proj": (d_ff, d_model)}
        for name, sizes in layers.items():
            setattr(self, name, nn.Linear(*sizes))

    def forward(self, x):
        z = self.gate_proj(x)
        return self.down_proj(F.glu(torch.cat([z * self.up_proj(x), z], dim=-1), dim=-1))
