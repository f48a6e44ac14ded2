"""All settings read by name from the list of constant attributes."""

import torch
from torch import nn

SETTINGS = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")


def factor_and_shift(bn):
    factor = torch.pow(bn.running_var + bn.eps, -0.5)
    if bn.weight is not None:
        factor = factor * bn.weight.detach()
    shift = -bn.running_mean * factor
    return factor, shift if bn.bias is None else shift + bn.bias.detach()


def fold_batchnorm(conv, bn):
    settings = {name: getattr(conv, name) for name in SETTINGS}
    folded = nn.Conv2d(**settings, bias=True).to(conv.weight.dtype)
    factor, shift = factor_and_shift(bn)
    old = 0 if conv.bias is None else conv.bias.detach()
    folded.weight.data = (conv.weight.detach() * factor.view(-1, 1, 1, 1)).to(folded.weight.dtype)
    folded.bias.data = (old * factor + shift).to(folded.bias.dtype)
    return folded
