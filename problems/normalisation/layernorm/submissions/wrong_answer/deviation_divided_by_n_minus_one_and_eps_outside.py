"""You divide by x.std() + eps, as a well-known tutorial on transformers does. torch.std divides by D - 1 when it
is not told otherwise, and eps belongs to the variance, inside the root.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    std = x.std(dim=-1, keepdim=True)
    x_hat = (x - mean) / (std + eps)
    return gamma * x_hat + beta
