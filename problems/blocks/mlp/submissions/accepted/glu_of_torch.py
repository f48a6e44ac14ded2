import torch
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        gate = self.gate_proj(x)
        # glu(a, b) is a * sigmoid(b)
        return self.down_proj(nn.functional.glu(torch.cat([gate * self.up_proj(x), gate], dim=-1), dim=-1))
