"""Your convolution has a bias. Batch norm subtracts it again, so that in training it only wastes memory and
never gets a gradient; in the running mean it is there all the same, and a state saved without it cannot be
loaded.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
