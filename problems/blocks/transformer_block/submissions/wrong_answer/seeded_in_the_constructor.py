"""You seed the generator in the constructor, so that the block can be reproduced. All blocks of a stack then
start with the same weights, and whatever else in the program is random starts over.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        torch.manual_seed(0)
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return x + self.ff(self.norm1(x))
