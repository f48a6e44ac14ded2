"""You call torch.var without saying what to divide by, so that it divides by D - 1. This layer divides by D, and
with one feature yours is 0 / 0.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
