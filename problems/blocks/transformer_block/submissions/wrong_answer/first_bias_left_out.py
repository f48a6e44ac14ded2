"""Your first linear layer has no bias, because layer norm has a shift. Layer norm's shift has d_model
numbers, the bias has d_ff: it is more than the shift can do.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff, bias=False), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return x + self.ff(self.norm1(x))
