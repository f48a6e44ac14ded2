"""You write the norm's result over x and add that. The sum then does not contain x as it came in but its
normalised form, and the free path from the last layer to the first is gone.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        x = self.norm1(x)
        return x + self.ff(x)
