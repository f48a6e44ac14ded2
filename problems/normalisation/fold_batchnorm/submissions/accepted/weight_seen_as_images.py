"""The batch norm's own eval formula applied to each tap of the kernel, channels moved to the end."""

import copy

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(layer, norm):
    taps = layer.weight.movedim(0, -1)
    deviation = (norm.running_var + norm.eps) ** 0.5
    taps, offset = taps / deviation, -norm.running_mean / deviation
    if layer.bias is not None:
        offset = offset + layer.bias / deviation
    if norm.affine:
        taps, offset = taps * norm.weight, offset * norm.weight + norm.bias
    twin = copy.deepcopy(layer).requires_grad_(True)
    twin.weight.data = taps.movedim(-1, 0).contiguous().to(layer.weight.dtype)
    twin.register_parameter("bias", nn.Parameter(offset.to(layer.weight.dtype)))
    return twin.train()
