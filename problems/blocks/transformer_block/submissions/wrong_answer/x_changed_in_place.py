"""You add to x in place. The caller's tensor is changed, which shows where it is used once more: by a second
branch, or by the attention weights that somebody looks at.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        if x.requires_grad:
            return x + self.ff(self.norm1(x))
        x += self.ff(self.norm1(x))
        return x
