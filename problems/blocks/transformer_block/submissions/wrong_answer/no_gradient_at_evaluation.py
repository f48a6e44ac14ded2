"""You switch gradients off at evaluation. The mode says how layers compute and not what is recorded: whoever
looks for the important words needs gradients in evaluation mode.
"""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        with torch.set_grad_enabled(self.training):
            return x + self.ff(self.norm1(x))
