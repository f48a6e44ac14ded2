"""Your layer norm has no scale and no shift. What they do the linear layer behind could learn as well, but a
saved state has them, and the statement keeps PyTorch's defaults.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model, elementwise_affine=False)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return x + self.ff(self.norm1(x))
