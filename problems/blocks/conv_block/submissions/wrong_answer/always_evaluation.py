"""You call eval() on the batch norm in forward. It never sees a batch's statistics again, and the running
ones stay at 0 and 1, where they began.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        self.norm.eval()
        return self.relu(self.norm(self.conv(x)))
