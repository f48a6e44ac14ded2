"""Your constructor makes a second norm that forward never uses, left over from a block with attention. Its
parameters are saved, counted and decayed, and distributed training complains of parameters without a
gradient.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        self.norm2 = nn.LayerNorm(d_model)

    def forward(self, x):
        return x + self.ff(self.norm1(x))
