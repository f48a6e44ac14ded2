"""A network in float64 returns seven right digits. Usually the gate is computed in float32, as mixed precision does it, and
turned back.
"""

import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        gate = F.silu(self.gate_proj(x).float()).to(x.dtype)
        return self.down_proj(gate * self.up_proj(x))
