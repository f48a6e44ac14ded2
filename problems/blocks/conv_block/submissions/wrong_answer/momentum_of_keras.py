"""You give batch norm a momentum of 0.9, which in Keras is the share of the old value. In PyTorch it is the
share of the new: your running statistics are little more than those of the last batch.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels, momentum=0.9)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
