"""The squares have the dtype of x."""

import torch


def rms_norm(x, weight, eps=1e-6):
    mean_square = (x**2).mean(dim=-1, keepdim=True)
    return x / torch.sqrt(mean_square + eps) * weight
