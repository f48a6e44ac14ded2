"""What same means is worked out where numbers can say it; the word is passed on where one side gets more."""

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
    reach = [step * (size - 1) for step, size in zip(conv.dilation, conv.kernel_size, strict=True)]
    if padding == "same" and all(both % 2 == 0 for both in reach):
        padding = tuple(both // 2 for both in reach)
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
