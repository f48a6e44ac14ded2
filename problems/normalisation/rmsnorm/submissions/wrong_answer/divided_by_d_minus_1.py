"""You divide the sum of the squares by D - 1. That correction belongs to an estimated variance, where a mean
was taken out; here none was.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).sum(dim=-1, keepdim=True) / max(x.shape[-1] - 1, 1)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
