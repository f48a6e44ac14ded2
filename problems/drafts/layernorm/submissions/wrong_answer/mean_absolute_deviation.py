"""You divide by the mean of the absolute deviations. It measures the spread too, but it is smaller than the
standard deviation, and its gradient jumps.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    spread = (x - mean).abs().mean(dim=-1, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(spread**2 + eps)
    return gamma * x_hat + beta
