"""You compute in bfloat16, to be fast. It keeps two or three digits, and what was float32 or float64 before
comes back with the noise of that.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x.bfloat16()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
