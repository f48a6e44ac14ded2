"""A general residual wrapper, and a function that fills it."""

from torch import nn


class PreNormResidual(nn.Module):
    def __init__(self, norm, branch):
        super().__init__()
        self.add_module("norm1", norm)
        self.add_module("ff", branch)

    def branch(self, x):
        return self.ff(self.norm1(x))

    def forward(self, x):
        return sum([self.branch(x), x])


def TransformerBlock(d_model=512, d_ff=2048):
    sizes = [(d_model, d_ff), (d_ff, d_model)]
    up, down = (nn.Linear(*size) for size in sizes)
    return PreNormResidual(nn.LayerNorm(d_model), nn.Sequential(up, nn.Sequential(nn.GELU(), down)))
