"""You use nn.Softmax. It calls the built-in softmax."""

from torch import nn


def my_softmax(x, dim=-1):
    return nn.Softmax(dim=dim)(x)
