"""You give an input with two dimensions a batch dimension and do not take it away again. The result has one
dimension more than x.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        if x.dim() == 2:
            x = x.unsqueeze(0)
        return x + self.ff(self.norm1(x))
