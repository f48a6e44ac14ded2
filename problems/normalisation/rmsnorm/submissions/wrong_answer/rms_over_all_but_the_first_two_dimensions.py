"""You average over all dimensions from the third on. For (B, T, D) that is the last one only; with attention
heads, (B, T, H, D), it mixes the heads.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    dims = tuple(range(2, x.dim())) or (-1,)
    mean_square = (wide**2).mean(dim=dims, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
