"""You put the two layers into an nn.Sequential. It does the same, but nothing is saved: the work of both is
still done.
"""

import copy

from torch import nn


def fold_batchnorm(conv, bn):
    return nn.Sequential(copy.deepcopy(conv), copy.deepcopy(bn)).eval()
