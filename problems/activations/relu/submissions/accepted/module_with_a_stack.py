"""A module, which takes the larger one of zero and x along a new dimension."""

import torch
from torch import nn


class Rectifier(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pair = torch.stack((torch.zeros_like(x), x), dim=0)
        return pair.amax(dim=0)


rectifier = Rectifier()


def relu(x: torch.Tensor) -> torch.Tensor:
    return rectifier(x)
