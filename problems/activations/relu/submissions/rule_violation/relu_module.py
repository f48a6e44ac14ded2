"""You use nn.ReLU. The module calls the built-in ReLU."""

from torch import nn


def relu(x):
    return nn.ReLU()(x)
