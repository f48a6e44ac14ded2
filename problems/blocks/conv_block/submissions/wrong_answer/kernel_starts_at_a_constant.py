"""You start all weights of the kernel at the same number. All output channels then compute the same and get
the same gradient, and so they stay the same.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        nn.init.constant_(self.conv.weight, 0.1)

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
