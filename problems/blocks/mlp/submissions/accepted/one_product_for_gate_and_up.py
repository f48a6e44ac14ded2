import torch
from torch import nn
from torch.nn import functional as F


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(d_model, d_ff), nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        weight = torch.cat((self.gate_proj.weight, self.up_proj.weight))
        bias = torch.cat((self.gate_proj.bias, self.up_proj.bias))
        gate, up = F.linear(x, weight, bias).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)
