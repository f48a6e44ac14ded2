"""The complement of erf, which keeps its digits far below 0."""

import torch


def my_gelu(x):
    return x * torch.erfc(-x * 2**-0.5) / 2
