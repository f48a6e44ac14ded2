"""You delete the parameters and set plain tensors in their place. They carry the graph of the originals, no
optimiser finds them, and they are not saved.
"""

import torch
from torch import nn


def fold_batchnorm(conv, bn):
    gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
    beta = torch.zeros_like(bn.running_mean) if bn.bias is None else bn.bias
    bias = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias
    factor = gamma / torch.sqrt(bn.running_var + bn.eps)
    weight = conv.weight * factor.reshape(-1, 1, 1, 1)
    bias = (bias - bn.running_mean) * factor + beta
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
    del folded.weight, folded.bias
    folded.weight, folded.bias = weight.to(conv.weight.dtype), bias.to(conv.weight.dtype)
    return folded
