"""You take x apart into batch, positions and features. A single sequence has two dimensions, and there is no
need to know them: all the layers work on the last one.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        batch, length, width = x.shape
        h = self.norm1(x).reshape(batch * length, width)
        return x + self.ff(h).reshape(batch, length, width)
