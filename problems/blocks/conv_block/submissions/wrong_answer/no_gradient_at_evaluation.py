"""You switch gradients off at evaluation. The mode says how layers compute and not what is recorded: saliency
maps, adversarial examples and a frozen backbone need gradients in evaluation mode.
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
        if not self.training:
            with torch.no_grad():
                return self.relu(self.norm(self.conv(x)))
        return self.relu(self.norm(self.conv(x)))
