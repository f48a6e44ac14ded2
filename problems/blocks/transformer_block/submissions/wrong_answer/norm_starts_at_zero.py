"""You start the norm's scale at zero. The branch then sees nothing of x at first; PyTorch starts the scale at
1.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        nn.init.zeros_(self.norm1.weight)

    def forward(self, x):
        return x + self.ff(self.norm1(x))
