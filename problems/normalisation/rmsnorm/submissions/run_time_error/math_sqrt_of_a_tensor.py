"""You call math.sqrt on a tensor. It takes one number, and there is a mean square for each vector; torch.sqrt takes them
all, and keeps the graph.
"""

import math

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / math.sqrt(mean_square + eps) * weight).to(x.dtype)
