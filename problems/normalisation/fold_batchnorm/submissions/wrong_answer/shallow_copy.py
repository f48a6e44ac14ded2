"""The convolution that was passed in holds the folded weight too. Usually it is copied with copy.copy. The copy keeps
the very same table of parameters, so that what is put into it is in the original too.
"""

import copy

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
    folded = copy.copy(conv)
    folded.weight = nn.Parameter(weight.to(conv.weight.dtype))
    folded.bias = nn.Parameter(bias.to(conv.weight.dtype))
    return folded
