"""You use nn.BatchNorm1d, which is for tables (N, C) and sequences (N, C, L). Images have two more dimensions than a
table: nn.BatchNorm2d takes (N, C, H, W).
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm1d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
