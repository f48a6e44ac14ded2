"""You pass the number 0 to torch.maximum, which takes two tensors."""

import torch


def relu(x):
    return torch.maximum(x, 0)
