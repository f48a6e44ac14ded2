"""A module in float32: half of 1 + tanh(u) is the sigmoid of 2u."""

import torch
from torch import nn


class Gelu(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        gate = torch.sigmoid(1.595769 * wide * (1 + 0.044715 * wide.square()))
        return (wide * gate).to(x.dtype)


gelu = Gelu()


def my_gelu(x: torch.Tensor) -> torch.Tensor:
    return gelu(x)
