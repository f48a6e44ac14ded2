"""You write the normalisation out with x.std(), which divides by one less than the number of features. Layer
norm divides by the number; with few features the difference is large, with one it is a division by zero.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        h = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True) + self.norm1.eps)
        return x + self.ff(self.norm1.weight * h + self.norm1.bias)
