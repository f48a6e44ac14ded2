"""Two widened branches are multiplied, a gated unit as in newer models. It has half as many weights again as this
block, which has one branch and GELU.
"""

import torch.nn.functional as F
from torch import nn


class Gated(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate = nn.Linear(d_model, d_ff)
        self.up = nn.Linear(d_model, d_ff)
        self.down = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.down(F.gelu(self.gate(x)) * self.up(x))


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = Gated(d_model, d_ff)

    def forward(self, x):
        return x + self.ff(self.norm1(x))
