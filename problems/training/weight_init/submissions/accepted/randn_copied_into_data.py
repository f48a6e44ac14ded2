"""Standard normal numbers, scaled, and copied into `.data`."""

import torch


def kaiming_init(weight):
    fan_in = weight.size(1)
    std = (2 / fan_in) ** 0.5
    weight.data.copy_(torch.randn(weight.shape) * std)
    return weight
