"""You use GELU. It looks like a ReLU with a rounded corner and is at home in transformers, but its numbers
are others everywhere near 0, and some of them are negative.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.GELU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
