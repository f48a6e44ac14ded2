"""Each call gives another result. Usually the layers are made in forward: each call gets new ones with new random
weights, so that nothing can ever be learned.
"""

import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels

    def forward(self, x):
        x = nn.Conv2d(self.in_channels, self.out_channels, 3, padding=1, bias=False, dtype=x.dtype)(x)
        return torch.relu(nn.BatchNorm2d(self.out_channels, dtype=x.dtype)(x))
