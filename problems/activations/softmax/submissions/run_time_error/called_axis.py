"""Your parameter is called axis, as in NumPy. The caller passes dim by its name."""

import torch


def my_softmax(x, axis=-1):
    powers = torch.exp(x - x.amax(dim=axis, keepdim=True))
    return powers / powers.sum(dim=axis, keepdim=True)
