"""You cut the output off after eight channels, a number that was right for your example. The statement gives
the number of channels in an argument.
"""

import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.norm(self.conv(x)))
        return torch.cat([y[:, :8], torch.zeros_like(y[:, 8:])], dim=1)
