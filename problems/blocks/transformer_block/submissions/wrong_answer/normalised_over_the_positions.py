"""Each position's result depends on all the others, also on later ones, which a language model must not see. Usually
the normalisation runs over the dimension of the positions.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        if x.dim() < 2:
            return x + self.ff(self.norm1(x))
        mean, var = x.mean(-2, keepdim=True), x.var(-2, keepdim=True, unbiased=False)
        h = (x - mean) / torch.sqrt(var + self.norm1.eps)
        return x + self.ff(self.norm1.weight * h + self.norm1.bias)
