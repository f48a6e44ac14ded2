"""You divide by the root of the sum of the squares, so that every vector gets length 1. The numbers then shrink
as D grows; what is wanted is a root mean square of 1.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).sum(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
