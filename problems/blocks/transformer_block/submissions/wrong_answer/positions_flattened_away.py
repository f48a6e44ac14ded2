"""You flatten the dimensions in front, so that four of them become two, and leave it at that. The values are
right, but the caller no longer knows which position is whose.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        if x.dim() > 3:
            x = x.flatten(0, -2)
        return x + self.ff(self.norm1(x))
