"""The products are einsums over the layers' weights."""

import torch
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        z = torch.einsum("...d,fd->...f", x, self.gate_proj.weight) + self.gate_proj.bias
        u = torch.einsum("...d,fd->...f", x, self.up_proj.weight) + self.up_proj.bias
        return torch.einsum("...f,...f,df->...d", z.sigmoid() * z, u, self.down_proj.weight) + self.down_proj.bias
