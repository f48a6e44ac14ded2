"""You call `init.normal_` with the right deviation. All of torch.nn.init is forbidden; a tensor has a method `normal_` of its own."""

import math

from torch.nn import init


def kaiming_init(weight):
    init.normal_(weight, 0.0, math.sqrt(2 / weight.shape[1]))
    return weight
