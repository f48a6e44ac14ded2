"""Your block has two convolutions with a batch norm each, as in a U-Net. The brick that is asked for here has
one of each.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        x = self.relu(self.norm(self.conv(x)))
        return self.relu(self.norm2(self.conv2(x)))
