"""You leave the norm out for a single feature, because its variance is 0. Layer norm is defined there: eps
keeps the division safe, and its shift is left.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        h = self.norm1(x) if x.shape[-1] > 1 else x
        return x + self.ff(h)
