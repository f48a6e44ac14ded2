"""Your eps is 1e-8 when it is not given, which is the default of optimisers. Beside numbers of a thousandth the
difference shows.
"""

import torch


def rms_norm(x, weight, eps=1e-8):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
