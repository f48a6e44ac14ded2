"""You fold into the convolution that was passed in and return it. The caller's model is changed, and training
it on, or folding it once more, goes wrong.
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
    conv.weight.copy_(weight)
    if conv.bias is None:
        conv.bias = nn.Parameter(torch.zeros_like(bias, dtype=conv.weight.dtype))
    conv.bias.copy_(bias)
    return conv
