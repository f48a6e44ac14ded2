"""You call fuse_conv_bn_eval. It is what this problem asks you to write, so the judge refuses it."""

import copy

from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batchnorm(conv, bn):
    return fuse_conv_bn_eval(copy.deepcopy(conv).eval(), copy.deepcopy(bn).eval())
