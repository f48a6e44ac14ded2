"""The activation stands in forward."""

import torch.nn.functional as F
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model))

    def forward(self, x):
        first, second = self.ff
        return x + second(F.gelu(first(self.norm1(x))))
