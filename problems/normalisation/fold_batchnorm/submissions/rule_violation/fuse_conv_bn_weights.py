"""You let fuse_conv_bn_weights do the arithmetic. That is the whole problem, so the judge refuses it."""

import copy

from torch.nn.utils import fuse_conv_bn_weights


def fold_batchnorm(conv, bn):
    folded = copy.deepcopy(conv)
    folded.weight, folded.bias = fuse_conv_bn_weights(conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    return folded
