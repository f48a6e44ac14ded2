"""You call torch.sqrt with a number of Python. It takes a tensor; math.sqrt takes a number."""

import torch


def my_gelu(x):
    return 0.5 * x * (1 + torch.erf(x / torch.sqrt(2.0)))
