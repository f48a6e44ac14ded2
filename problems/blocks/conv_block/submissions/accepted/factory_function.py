"""A function that builds the block."""

from collections import OrderedDict

from torch import nn


def ConvBlock(in_channels, out_channels):
    steps = OrderedDict()
    steps["mix"] = nn.Conv2d(in_channels, out_channels, 3, 1, 1, 1, 1, False)
    steps["standardise"] = nn.BatchNorm2d(out_channels)
    steps["cut"] = nn.ReLU()
    return nn.Sequential(steps)
