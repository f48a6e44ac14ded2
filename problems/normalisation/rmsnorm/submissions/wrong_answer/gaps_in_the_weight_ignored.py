"""You read the weight as numbers that lie side by side in memory. A slice with a step has gaps, and you take
what is in them.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    weight = weight.as_strided(weight.shape, (1,))
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
