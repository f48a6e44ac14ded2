"""You split the convolution into groups where the channels allow it. Each output channel then sees only some
of the input channels; that is cheaper, and another layer.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        groups = in_channels if out_channels % in_channels == 0 and in_channels > 4 else 1
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
