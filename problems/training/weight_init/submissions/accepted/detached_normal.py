"""`detach` gives a tensor of the same memory that is not watched."""

import math


def kaiming_init(weight):
    _, fan_in = weight.shape
    gain = math.sqrt(2.0)
    weight.detach().normal_(mean=0.0, std=gain / math.sqrt(fan_in))
    return weight
