"""One output channel after another, in a Python loop."""

import math

import torch
from torch import nn


def fold_batchnorm(conv, bn):
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        groups=conv.groups,
        padding_mode=conv.padding_mode,
    ).type(conv.weight.dtype)
    with torch.no_grad():
        for c in range(conv.out_channels):
            deviation = math.sqrt(bn.running_var[c].item() + bn.eps)
            gamma, beta = (bn.weight[c].item(), bn.bias[c].item()) if bn.affine else (1.0, 0.0)
            old = conv.bias[c].item() if conv.bias is not None else 0.0
            folded.weight[c] = conv.weight[c].to(bn.running_var.dtype) * (gamma / deviation)
            folded.bias[c] = gamma * (old - bn.running_mean[c].item()) / deviation + beta
    return folded
