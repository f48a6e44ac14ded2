"""You add the input to the result where the shapes allow it. That is a residual block; this brick adds
nothing, and it must not do something else when the two numbers of channels happen to be equal.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.norm(self.conv(x)))
        return x + y if x.shape == y.shape else y
