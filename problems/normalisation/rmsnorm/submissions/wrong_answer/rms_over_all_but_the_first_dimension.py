"""You average over everything but the batch. For x of shape (N, D) that is the same; in a sequence it mixes all
positions, and the later ones leak into the earlier.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    dims = tuple(range(1, x.dim())) or (0,)
    mean_square = (wide**2).mean(dim=dims, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
