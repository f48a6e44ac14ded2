"""You let the built-in drop from a tensor of ones, and use what comes out as the mask. It is the built-in all the same."""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.mask = nn.Dropout(p)

    def forward(self, x):
        return x * self.mask(torch.ones_like(x))
