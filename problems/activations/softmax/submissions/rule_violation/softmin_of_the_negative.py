"""You call F.softmin of -x. It is the built-in softmax with another sign."""

import torch.nn.functional as F


def my_softmax(x, dim=-1):
    return F.softmin(-x, dim=dim)
