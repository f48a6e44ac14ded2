"""Softmax, after J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990, with
the maximum subtracted first, as I. Goodfellow, Y. Bengio and A. Courville do it, "Deep Learning", 2016, section 4.1.
"""

import torch


def my_softmax(x, dim=-1):
    """Turn each slice of `x` along `dim` into positive numbers that sum to 1."""
    # A shift of a whole slice cancels in the fraction. With the maximum at 0 no exponential is above 1, and the sum is
    # not below 1: nothing overflows, and nothing is divided by 0.
    shifted = x - x.amax(dim=dim, keepdim=True)
    powers = torch.exp(shifted)
    return powers / powers.sum(dim=dim, keepdim=True)
