"""You multiply the branch by a learned scale that starts at 1. It helps very deep networks, but it is one
more parameter, and the block has six.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        self.scale = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        return x + self.scale * self.ff(self.norm1(x))
