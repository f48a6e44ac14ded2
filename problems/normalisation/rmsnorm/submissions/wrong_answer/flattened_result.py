"""You fold all dimensions but the last into one and forget to unfold them again. The numbers are right, but the
next layer finds another shape.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = (x if x.dtype == torch.float64 else x.float()).reshape(-1, x.shape[-1])
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
