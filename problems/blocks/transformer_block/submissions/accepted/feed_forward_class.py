"""The feed-forward network is a class of its own, GELU is a function."""

import torch.nn as nn
import torch.nn.functional as F


class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.w_1 = nn.Linear(d_model, d_ff)
        self.w_2 = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.w_2(F.gelu(self.w_1(x)))


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super(TransformerBlock, self).__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = FeedForward(d_model, d_ff)

    def forward(self, x):
        shortcut = x
        x = self.norm1(x)
        x = self.ff(x)
        return shortcut + x
