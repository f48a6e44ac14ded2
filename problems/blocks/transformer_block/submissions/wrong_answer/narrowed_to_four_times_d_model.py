"""You let the branch be no wider than four times d_model. A caller who asks for more gets less, without a
word.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        d_ff = min(d_ff, 4 * d_model) if d_model > 20 else d_ff
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return x + self.ff(self.norm1(x))
