"""You start the second linear layer's weight at zero, so that a new block passes x on as it is. Deep networks are
sometimes begun like this; here the linear weights are to be drawn at random, as PyTorch does it.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        nn.init.zeros_(self.ff[2].weight)

    def forward(self, x):
        return x + self.ff(self.norm1(x))
