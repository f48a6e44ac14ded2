"""You flatten x by the order in which its numbers lie in memory, to normalise all positions in one go. A
tensor's indices mean the same however it lies there; for a transposed view your positions are mixed up.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        flat = torch.as_strided(x, (x.numel() // x.shape[-1], x.shape[-1]), (x.shape[-1], 1), x.storage_offset())
        h = self.norm1(flat).reshape(x.shape)
        return x + self.ff(h)
