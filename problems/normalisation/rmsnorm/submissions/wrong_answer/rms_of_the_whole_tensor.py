"""You take one root mean square over the whole tensor. Each vector needs its own, or a token's result depends
on the other tokens and on who else is in the batch.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean()
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
