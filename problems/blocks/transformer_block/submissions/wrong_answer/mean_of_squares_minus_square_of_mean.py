"""For numbers far from zero the result is noise. Usually the variance is written as the mean of the squares minus the
square of the mean. On paper that is the same; in float32 the two are nearly equal, and their difference is rounding.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = ((x * x).mean(-1, keepdim=True) - mean * mean).clamp(min=0)
        h = (x - mean) / torch.sqrt(var + self.norm1.eps)
        return x + self.ff(self.norm1.weight * h + self.norm1.bias)
