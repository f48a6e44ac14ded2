"""You use a leaky ReLU, which lets a hundredth of the negative numbers pass. It is another activation with
other weights; a model that was trained with one cannot be loaded into the other.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.LeakyReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
