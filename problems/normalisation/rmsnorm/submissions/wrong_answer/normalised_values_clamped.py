"""You cut normalised values off at 10, to be safe. Outliers carry meaning in large models, and where the cut
acts the gradient is 0.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return ((wide / torch.sqrt(mean_square + eps)).clamp(-10, 10) * weight).to(x.dtype)
