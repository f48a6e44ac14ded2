"""You leave the convolution's own bias out. Convolutions before a batch norm usually have none, so that it
seldom shows; where there is one, every channel is shifted.
"""

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(conv, bn):
    gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
    beta = torch.zeros_like(bn.running_mean) if bn.bias is None else bn.bias
    bias = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias
    factor = gamma / torch.sqrt(bn.running_var + bn.eps)
    weight = conv.weight * factor.reshape(-1, 1, 1, 1)
    bias = beta - bn.running_mean * factor
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
