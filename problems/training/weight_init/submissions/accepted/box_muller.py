"""Normal numbers out of uniform ones, by the formula of Box and Muller."""

import math

import torch


def kaiming_init(weight):
    radius = torch.sqrt(-2 * torch.log(1 - torch.rand(weight.shape, dtype=torch.float64)))
    angle = 2 * math.pi * torch.rand(weight.shape, dtype=torch.float64)
    numbers = radius * torch.cos(angle) * math.sqrt(2 / weight.shape[1])
    with torch.no_grad():
        weight.copy_(numbers)
    return weight
