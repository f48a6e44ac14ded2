"""Your function has no parameter dim. The caller chooses the dimension by this name."""

import torch


def my_softmax(x):
    powers = torch.exp(x - x.amax(dim=-1, keepdim=True))
    return powers / powers.sum(dim=-1, keepdim=True)
