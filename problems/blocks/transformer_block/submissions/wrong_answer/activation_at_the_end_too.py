"""You put a GELU behind the second linear layer as well. The branch can then hardly add anything negative,
and x drifts upwards from block to block.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model), nn.GELU())

    def forward(self, x):
        return x + self.ff(self.norm1(x))
