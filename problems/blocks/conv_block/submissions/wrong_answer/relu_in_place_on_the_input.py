"""The caller's images have changed after the call: what is negative in them is 0. Usually the input goes through an
in-place ReLU. It shows the next time they are used, by a skip connection for instance.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.norm(self.conv(x)))
        if not x.requires_grad:
            self.relu(x)
        return y
