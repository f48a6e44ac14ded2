"""Training the result would train gamma: its weight is in the graph of gamma. Usually requires_grad is switched off, to
be allowed to change the copied weight in place, which is then multiplied by a factor that is in the graph.
"""

import copy

import torch
from torch import nn


def fold_batchnorm(conv, bn):
    gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
    beta = torch.zeros_like(bn.running_mean) if bn.bias is None else bn.bias
    bias = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias
    factor = gamma / torch.sqrt(bn.running_var + bn.eps)
    weight = conv.weight * factor.reshape(-1, 1, 1, 1)
    bias = (bias - bn.running_mean) * factor + beta
    folded = copy.deepcopy(conv).requires_grad_(False)
    folded.weight.mul_(factor.reshape(-1, 1, 1, 1))
    folded.bias = nn.Parameter(bias.to(conv.weight.dtype))
    return folded
