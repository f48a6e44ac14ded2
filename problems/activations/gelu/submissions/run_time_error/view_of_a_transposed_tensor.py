"""You flatten with view, which needs numbers that lie side by side. A transposed tensor has none such; reshape copies it."""

import math

import torch


def my_gelu(x):
    flat = x.view(-1)
    return (0.5 * flat * (1 + torch.erf(flat / math.sqrt(2)))).view(x.shape)
