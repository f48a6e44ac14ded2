"""A deep copy of the convolution, with new parameters put in."""

import copy

from torch import nn


def fold_batchnorm(conv, bn):
    std = (bn.running_var + bn.eps).sqrt().detach()
    scale = 1 / std if bn.weight is None else bn.weight.detach() / std
    shift = -bn.running_mean * scale
    if bn.bias is not None:
        shift = shift + bn.bias.detach()
    if conv.bias is not None:
        shift = shift + scale * conv.bias.detach()
    fused = copy.deepcopy(conv)
    dtype = conv.weight.dtype
    fused.weight = nn.Parameter((conv.weight.detach() * scale[:, None, None, None]).to(dtype))
    fused.bias = nn.Parameter(shift.to(dtype))
    return fused
