"""You do not call super().__init__() first. Until then a module cannot take layers, and says so at the first
assignment.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        super().__init__()

    def forward(self, x):
        return self.norm(self.conv(x)).relu()
