"""The result does not follow the parameters. Usually the weights of gate and up are stacked in the constructor, for speed;
that is a copy, which no optimiser and no loaded state reaches.
"""

import torch
import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)
        self.stacked = [
            torch.cat([self.gate_proj.weight, self.up_proj.weight]).detach(),
            torch.cat([self.gate_proj.bias, self.up_proj.bias]).detach(),
        ]

    def forward(self, x):
        weight, bias = (each.to(x.dtype) for each in self.stacked)
        gate, up = F.linear(x, weight, bias).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)
