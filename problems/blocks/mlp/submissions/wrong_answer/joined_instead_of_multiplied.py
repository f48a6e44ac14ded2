"""down_proj leads from 2 * d_ff numbers back: gate and up are joined. They are multiplied, and the product is d_ff wide."""

import torch
import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(2 * d_ff, d_model)

    def forward(self, x):
        return self.down_proj(torch.cat([F.silu(self.gate_proj(x)), self.up_proj(x)], dim=-1))
