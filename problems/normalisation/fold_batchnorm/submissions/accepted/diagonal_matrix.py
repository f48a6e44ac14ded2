"""The factors as a diagonal matrix times the weight as a matrix."""

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(conv, bn):
    wide = bn.running_mean.dtype
    gamma = bn.weight if bn.affine else torch.tensor(1.0, dtype=wide)
    beta = bn.bias if bn.affine else torch.tensor(0.0, dtype=wide)
    diagonal = torch.diag(gamma * torch.rsqrt(bn.running_var + bn.eps))
    weight = torch.mm(diagonal, conv.weight.to(wide).flatten(1)).reshape(conv.weight.shape)
    old = conv.bias.to(wide) if conv.bias is not None else torch.zeros(conv.out_channels, dtype=wide)
    bias = diagonal @ (old - bn.running_mean) + beta
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        conv.padding,
        conv.dilation,
        conv.groups,
        True,
        conv.padding_mode,
    )
    folded = folded.to(conv.weight.dtype)
    folded.weight.copy_(weight)
    folded.bias.copy_(bias)
    return folded
