"""You average over dim 0, as batch normalisation does. The vectors lie along the last dimension, and each must
be normalised without looking at the others.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=0, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
