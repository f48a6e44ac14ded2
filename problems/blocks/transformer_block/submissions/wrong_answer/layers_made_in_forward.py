"""Each call gives another result. Usually the layers are made in forward: each call gets new ones with new random
weights, so that nothing can ever be learned.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.d_model, self.d_ff = d_model, d_ff

    def forward(self, x):
        norm1 = nn.LayerNorm(self.d_model)
        ff = nn.Sequential(nn.Linear(self.d_model, self.d_ff), nn.GELU(), nn.Linear(self.d_ff, self.d_model))
        return x + ff(norm1(x))
