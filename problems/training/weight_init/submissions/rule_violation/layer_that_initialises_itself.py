"""You make an `nn.Linear` and take its weight, which its constructor has drawn with torch.nn.init."""

import torch
from torch import nn


def kaiming_init(weight):
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        weight.copy_(layer.weight * 6**0.5)
    return weight
