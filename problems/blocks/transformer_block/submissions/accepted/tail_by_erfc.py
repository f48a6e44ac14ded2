"""GELU with a gradient of its own, by erfc, which keeps its digits where 1 + erf cancels."""

import math

import torch
from torch import nn


class Gelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h):
        below = torch.special.erfc(-h / math.sqrt(2)) / 2  # how much of the normal law lies below h
        ctx.save_for_backward(h, below)
        return below * h

    @staticmethod
    def backward(ctx, upstream):
        h, below = ctx.saved_tensors
        density = torch.exp(h * h / -2) / math.sqrt(2 * math.pi)
        return upstream * torch.addcmul(below, h, density)


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.inner = nn.ModuleList([nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)])

    def ff(self, positions):
        widen, narrow = self.inner
        return narrow(Gelu.apply(widen(positions)))

    def forward(self, x):
        branch = self.ff(self.norm1(x))
        return torch.add(branch, x)
