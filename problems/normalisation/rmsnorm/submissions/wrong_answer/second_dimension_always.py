"""You reduce over dim 1, which is the last one only while x has two dimensions. In (B, T, D) it is the
sequence; no shape breaks, and every value is wrong.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=min(1, x.dim() - 1), keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
