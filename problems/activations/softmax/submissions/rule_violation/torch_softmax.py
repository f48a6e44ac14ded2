"""You call torch.softmax. It is what this problem asks you to write, so the judge refuses it."""

import torch


def my_softmax(x, dim=-1):
    return torch.softmax(x, dim)
