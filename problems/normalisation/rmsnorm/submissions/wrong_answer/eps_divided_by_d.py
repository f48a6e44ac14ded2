"""You add eps to the sum of the squares and divide by D afterwards. Its effect then shrinks with D; it belongs
beside the mean.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).sum(dim=-1, keepdim=True)
    return (wide / torch.sqrt((mean_square + eps) / x.shape[-1]) * weight).to(x.dtype)
