"""You normalise the sum, as the first transformer did. The path along the sums is then normalised again in
every block, and a deep stack of them needs a careful warm-up to train at all; the formula has the norm on the
branch.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return self.norm1(x + self.ff(x))
