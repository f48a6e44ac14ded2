"""You ask for the smallest number first. An empty tensor has none."""

import torch


def relu(x):
    if x.min() > 0:
        return x.clone()
    return torch.where(x > 0, x, torch.zeros_like(x))
