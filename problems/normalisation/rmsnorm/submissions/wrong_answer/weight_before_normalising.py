"""You multiply by the weight first and normalise afterwards. The normalisation then measures the scaled vector
and takes most of the weight's effect away again.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = (x if x.dtype == torch.float64 else x.float()) * weight
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps)).to(x.dtype)
