"""You put the ReLU between the convolution and the batch norm. The block's result then has negative numbers
again, and half of what is normalised is zeros; the statement names the other order.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.norm(self.relu(self.conv(x)))
