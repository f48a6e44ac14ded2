"""At evaluation the batch norm is folded into the kernel, afresh for each call."""

import torch
import torch.nn.functional as F
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.parts = nn.ModuleDict(
            {
                "conv": nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
                "bn": nn.BatchNorm2d(out_channels),
            }
        )

    def forward(self, x):
        conv, bn = self.parts["conv"], self.parts["bn"]
        if self.training:
            return bn(conv(x)).relu()
        factor = bn.weight * torch.rsqrt(bn.running_var + bn.eps)
        return F.conv2d(x, conv.weight * factor[:, None, None, None], bn.bias - factor * bn.running_mean, padding=1).relu()
