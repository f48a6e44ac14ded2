"""You normalise in training only. Batch norm has work to do at evaluation as well, with the running
statistics: without it the next layer gets numbers of a size that it has never seen.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.conv(x)
        if self.training:
            x = self.norm(x)
        return self.relu(x)
