"""Positions are flattened, and the hidden features are worked through in chunks, as where memory is short."""

import torch
import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff, chunk=3):
        super().__init__()
        self.chunk = chunk
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        total = self.down_proj.bias.expand(len(flat), -1)
        size = max(self.chunk, self.down_proj.in_features // 4)
        for start in range(0, self.down_proj.in_features, size):
            part = slice(start, start + size)
            gate = F.silu(torch.addmm(self.gate_proj.bias[part], flat, self.gate_proj.weight[part].T))
            up = torch.addmm(self.up_proj.bias[part], flat, self.up_proj.weight[part].T)
            total = total + (gate * up) @ self.down_proj.weight[:, part].T
        return total.reshape(x.shape)
