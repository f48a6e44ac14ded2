"""You take the shape of x apart into three numbers. A single position has one dimension, a row of positions two."""

import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        batch, positions, d_model = x.shape
        x = x.reshape(batch * positions, d_model)
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x)).reshape(batch, positions, d_model)
