"""You find factor and shift by calling the batch norm on zeros and on ones. In training mode it then answers
for that batch, and takes it into its running statistics.
"""

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(conv, bn):
    zeros = torch.zeros(2, conv.out_channels, 1, 1, dtype=bn.running_var.dtype)
    shift = bn(zeros)[0].flatten()
    factor = bn(zeros + 1)[0].flatten() - shift
    weight = conv.weight * factor.reshape(-1, 1, 1, 1)
    bias = shift if conv.bias is None else conv.bias * factor + shift
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        groups=conv.groups,
        padding_mode=conv.padding_mode,
        dtype=conv.weight.dtype,
    )
    folded.weight.copy_(weight)
    folded.bias.copy_(bias)
    return folded
