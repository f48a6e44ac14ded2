"""You return the normalised vector and never multiply by the weight. With a weight of ones, as at the start of
training, nobody can see it.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) + 0 * weight).to(x.dtype)
