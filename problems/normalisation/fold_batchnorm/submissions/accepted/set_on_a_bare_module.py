"""Made from the original's settings without its constructor, attribute by attribute."""

import copy

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(conv, bn):
    folded = nn.Conv2d.__new__(nn.Conv2d)
    nn.Module.__init__(folded)
    for name, value in vars(conv).items():
        if not name.startswith("_") or name == "_reversed_padding_repeated_twice":
            setattr(folded, name, copy.copy(value))
    scale = torch.rsqrt(bn.running_var + bn.eps)
    shift = bn.running_mean.neg() if conv.bias is None else conv.bias.sub(bn.running_mean)
    if bn.affine:
        scale = scale.mul(bn.weight)
    shift = shift.mul(scale)
    if bn.affine:
        shift = shift.add(bn.bias)
    folded.weight = nn.Parameter(torch.stack([kernel * s for kernel, s in zip(conv.weight, scale)]).to(conv.weight.dtype))
    folded.bias = nn.Parameter(shift.to(conv.weight.dtype))
    return folded
