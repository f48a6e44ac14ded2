"""You write the normalisation out and add eps to the deviation, behind the root. For ordinary numbers it
hardly shows; for positions that hardly vary the result is another one.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        var = x.var(-1, keepdim=True, unbiased=False)
        h = (x - x.mean(-1, keepdim=True)) / (torch.sqrt(var) + 0.001)
        return x + self.ff(self.norm1.weight * h + self.norm1.bias)
