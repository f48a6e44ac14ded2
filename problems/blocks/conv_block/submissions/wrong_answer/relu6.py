"""You use ReLU6, which cuts off above 6 as well. It was made for arithmetic with few bits, and where batch
norm's scale is large it cuts off a good part of the signal.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU6()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
