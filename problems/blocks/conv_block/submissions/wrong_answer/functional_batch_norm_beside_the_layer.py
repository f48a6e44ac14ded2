"""You take batch norm's parameters and call the function yourself. The layer also counts its batches, which
you leave out: with momentum=None that count is what the average is made of.
"""

import torch.nn.functional as F
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        n = self.norm
        x = F.batch_norm(self.conv(x), n.running_mean, n.running_var, n.weight, n.bias, self.training, n.momentum, n.eps)
        return self.relu(x)
