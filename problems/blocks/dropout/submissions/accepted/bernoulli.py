"""The mask comes from `bernoulli`, with the probability of being kept, and holds the scale."""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p: float = 0.5):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p must be between 0 and 1, got {p}")
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        keep = 1.0 - self.p
        if keep == 0:
            return torch.zeros_like(x)
        mask = torch.bernoulli(torch.full_like(x, keep)) / keep
        return x * mask
