"""An object that can be called, with its steps as methods."""

import torch
from torch import nn


class Fold:
    def __call__(self, conv, bn):
        with torch.no_grad():
            factor = self.factor(bn)
            return self.filled(self.empty(conv), conv.weight * factor[(...,) + (None,) * 3], self.bias(conv, bn, factor))

    def factor(self, bn):
        ones = bn.running_var.new_ones(bn.num_features)
        return (ones if bn.weight is None else bn.weight) / torch.sqrt(bn.running_var + bn.eps)

    def bias(self, conv, bn, factor):
        centred = -bn.running_mean if conv.bias is None else conv.bias - bn.running_mean
        return centred * factor + (0 if bn.bias is None else bn.bias)

    def empty(self, conv):
        sizes = conv.in_channels, conv.out_channels, conv.kernel_size
        settings = dict(stride=conv.stride, padding=conv.padding, dilation=conv.dilation, groups=conv.groups)
        settings |= dict(padding_mode=conv.padding_mode, device=conv.weight.device, dtype=conv.weight.dtype)
        return nn.utils.skip_init(nn.Conv2d, *sizes, bias=True, **settings)

    def filled(self, layer, *values):
        for parameter, value in zip(layer.parameters(), values):
            parameter.copy_(value)
        return layer


fold_batchnorm = Fold()
