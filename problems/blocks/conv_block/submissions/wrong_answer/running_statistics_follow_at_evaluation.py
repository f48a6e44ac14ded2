"""You write each batch's statistics into the running ones at evaluation as well, after they were used. The
model then depends on what it was asked before, and on the order of the questions.
"""

import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.conv(x)
        y = self.relu(self.norm(x))
        if not self.training:
            with torch.no_grad():
                self.norm.running_mean = self.norm.running_mean.lerp(x.mean(dim=(0, 2, 3)), 0.1)
                self.norm.running_var = self.norm.running_var.lerp(x.var(dim=(0, 2, 3)), 0.1)
        return y
