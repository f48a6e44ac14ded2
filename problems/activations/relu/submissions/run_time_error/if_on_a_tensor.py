"""You ask with if whether a whole tensor is above 0. Each number needs its own answer."""

import torch


def relu(x):
    if x > 0:
        return x.clone()
    return torch.zeros_like(x)
