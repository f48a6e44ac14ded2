"""You write eps or 1e-6, so that an eps of 0 counts as none given. Zero is a number that a caller may want, to
compare with a model that uses none.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    eps = eps or 1e-6
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
