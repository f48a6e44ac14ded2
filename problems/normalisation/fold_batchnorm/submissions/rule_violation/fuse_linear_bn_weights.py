"""You fold the weight as if it were a linear layer's, with PyTorch's helper for those. It is the same
arithmetic, done by the library.
"""

import copy

from torch import nn
from torch.nn.utils import fusion


def fold_batchnorm(conv, bn):
    folded = copy.deepcopy(conv)
    weight, bias = fusion.fuse_linear_bn_weights(
        conv.weight.detach().flatten(1), conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    folded.weight = nn.Parameter(weight.detach().reshape(conv.weight.shape))
    folded.bias = bias
    return folded
