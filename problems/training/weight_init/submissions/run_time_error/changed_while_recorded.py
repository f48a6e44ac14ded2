"""A weight that requires a gradient stops with an error: a leaf is changed in place while autograd records. `torch.no_grad()` is missing."""

import math


def kaiming_init(weight):
    return weight.normal_(0.0, math.sqrt(2.0 / weight.shape[1]))
