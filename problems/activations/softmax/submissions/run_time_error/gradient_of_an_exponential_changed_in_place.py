"""You divide the exponentials in place. Their backward needs them as they were, and PyTorch stops where the gradient is
taken.
"""

import torch


def my_softmax(x, dim=-1):
    powers = torch.exp(x - x.amax(dim=dim, keepdim=True))
    powers /= powers.sum(dim=dim, keepdim=True)
    return powers
