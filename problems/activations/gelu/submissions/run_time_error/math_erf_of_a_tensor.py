"""You call math.erf, which takes one number. torch.erf takes a tensor."""

import math


def my_gelu(x):
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))
