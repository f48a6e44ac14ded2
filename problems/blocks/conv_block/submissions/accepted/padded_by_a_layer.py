"""The border of zeros is a layer of its own, and the layers stand in an nn.ModuleList."""

import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.ZeroPad2d(1), nn.Conv2d(in_channels, out_channels, 3, bias=False), nn.BatchNorm2d(out_channels)]
        )

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return torch.clamp(x, min=0)
