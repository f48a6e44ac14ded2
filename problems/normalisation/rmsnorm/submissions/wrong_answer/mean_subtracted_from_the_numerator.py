"""You divide by the root mean square but subtract the mean first, out of habit from layer normalisation. The
result is neither of the two, and its root mean square is not 1.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return ((wide - wide.mean(dim=-1, keepdim=True)) / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
