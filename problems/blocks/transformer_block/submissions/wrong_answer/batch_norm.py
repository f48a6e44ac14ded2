"""You use batch norm. It mixes positions and sequences, so that a position's result depends on the others in
the batch, and it does something else at evaluation.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.BatchNorm1d(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        h = self.norm1(x.reshape(-1, x.shape[-1])).reshape(x.shape)
        return x + self.ff(h)
