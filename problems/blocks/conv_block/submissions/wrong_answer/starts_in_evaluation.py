"""Your constructor ends with eval(). A new module is in training: whoever trains it without a call of train()
keeps running statistics of 0 and 1.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.eval()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
