"""parameters() and state_dict lack the layers. Usually they are kept in a plain list. A module does not look into
lists: no optimiser finds the parameters, no file saves them, and eval() does not reach the batch norm.
"""

from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.layers = [
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        ]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
