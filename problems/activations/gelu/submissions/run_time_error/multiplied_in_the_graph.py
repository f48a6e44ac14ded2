"""You multiply x itself in place. PyTorch refuses that for a leaf that requires a gradient."""

import math

import torch


def my_gelu(x):
    chance = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    x *= chance
    return x
