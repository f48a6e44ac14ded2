"""SiLU is z times sigmoid of z, step by step."""

import torch
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.gate_proj(x)
        gate = z * torch.sigmoid(z)
        hidden = gate * self.up_proj(x)
        return self.down_proj(hidden)
