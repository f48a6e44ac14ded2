"""You override train() so that the batch norm stays in evaluation. That is a trick for fine-tuning a finished
network; a new one never learns its running statistics, and block.train() no longer does what it says.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))

    def train(self, mode=True):
        super().train(mode)
        self.norm.training = False
        return self
