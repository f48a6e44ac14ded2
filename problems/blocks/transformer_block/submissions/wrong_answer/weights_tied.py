"""You use the first layer's weight, transposed, for the second. That halves the parameters and the freedom:
the second layer can only undo what the first does.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Tied(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.up = nn.Linear(d_model, d_ff)
        self.shift = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        return F.gelu(self.up(x)) @ self.up.weight + self.shift


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = Tied(d_model, d_ff)

    def forward(self, x):
        return x + self.ff(self.norm1(x))
