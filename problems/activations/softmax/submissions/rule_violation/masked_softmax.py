"""You call torch.masked.softmax. It calls the built-in softmax."""

import torch


def my_softmax(x, dim=-1):
    return torch.masked.softmax(x, dim)
