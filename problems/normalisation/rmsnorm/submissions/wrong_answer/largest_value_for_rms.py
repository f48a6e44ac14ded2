"""You divide by the largest absolute value, so that everything ends up between -1 and 1. One outlier then
silences all other features of its vector.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = wide.abs().amax(dim=-1, keepdim=True) ** 2
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
