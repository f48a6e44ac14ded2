"""Dropout, after N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014, in the
inverted form, which scales in training and leaves evaluation alone.
"""

import numpy as np
import torch
from torch import nn


class MyDropout(nn.Module):
    """Drop each number with probability `p` in training."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            # 1 / (1 - p) would be infinite, and 0 times that is NaN.
            return x * 0
        # rand is below p with probability p; each number has one of its own.
        keep = torch.rand_like(x) >= self.p
        return x * keep / (1 - self.p)


def chances(p):
    """What the judge expects: a number is kept, 0, or dropped, 1."""
    return np.array([1 - float(p), float(p)])


def chances_of_pairs(p):
    """What the judge expects of two numbers: 2 * first + second; to drop one says nothing about the other."""
    return np.outer(chances(p), chances(p)).ravel()


def chances_when_few(p_few):
    """The same for a small p."""
    return chances(p_few)


def chances_when_many(p_many):
    """The same for a large p."""
    return chances(p_many)
