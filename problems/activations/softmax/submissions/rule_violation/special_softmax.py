"""You call torch.special.softmax. It is the built-in softmax under another name."""

import torch


def my_softmax(x, dim=-1):
    return torch.special.softmax(x, dim)
