"""The block is itself an nn.Sequential and needs no forward."""

from torch import nn


class ConvBlock(nn.Sequential):
    def __init__(self, c_in, c_out):
        super().__init__(nn.Conv2d(c_in, c_out, 3, padding="same", bias=False), nn.BatchNorm2d(c_out), nn.ReLU())
