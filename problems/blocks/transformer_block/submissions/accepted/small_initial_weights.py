"""The weights start smaller than those of PyTorch, and the biases of the linear layers at zero."""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        for layer in (self.ff[0], self.ff[2]):
            nn.init.trunc_normal_(layer.weight, std=0.02, a=-0.05, b=0.05)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        return x + self.ff(self.norm1(x))
