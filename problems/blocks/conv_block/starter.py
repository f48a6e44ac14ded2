from torch import nn


class ConvBlock(nn.Module):
    """A 3 x 3 convolution without bias, a batch norm and a ReLU.

    x: (N, in_channels, H, W). Returns (N, out_channels, H, W).
    """

    def __init__(self, in_channels, out_channels):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
