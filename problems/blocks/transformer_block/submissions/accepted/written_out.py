"""The layers hold the weights, the arithmetic is written out: layer norm, products, GELU by the error function."""

import math

import torch
from torch import nn


class Wide(nn.Module):
    def __init__(self, inside, between):
        super().__init__()
        self.down = nn.Linear(between, inside)
        self.up = nn.Linear(inside, between)

    def forward(self, h):
        h = torch.einsum("...i,oi->...o", h, self.up.weight) + self.up.bias
        h = 0.5 * h * (1 + torch.erf(h / math.sqrt(2)))
        return h @ self.down.weight.T + self.down.bias


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.ff = Wide(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)

    def forward(self, x):
        centred = x - x.mean(dim=-1, keepdim=True)
        var = centred.square().mean(dim=-1, keepdim=True)
        h = centred * torch.rsqrt(var + self.norm1.eps) * self.norm1.weight + self.norm1.bias
        return torch.add(self.ff(h), x)
