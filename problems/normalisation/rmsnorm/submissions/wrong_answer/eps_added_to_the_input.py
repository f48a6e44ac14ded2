"""You add eps to the numbers before you square them. It shifts every feature, and for negative ones it makes
the divisor smaller.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = ((wide + eps) ** 2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
