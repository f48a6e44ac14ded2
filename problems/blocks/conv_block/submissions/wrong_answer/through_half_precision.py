"""You round the convolution's result to bfloat16 on the way, to save memory. Eight bits are left of every
number; a caller who wants that uses autocast.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.conv(x)
        return self.relu(self.norm(y.bfloat16().to(y.dtype)))
