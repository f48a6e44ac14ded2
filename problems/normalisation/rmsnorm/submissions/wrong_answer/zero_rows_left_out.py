"""You normalise the vectors that are not zero and fill the others with zeros. The values agree, but no gradient
reaches the vectors that were filled in.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    normalised = torch.where(mean_square == 0, torch.zeros_like(wide), wide / torch.sqrt(mean_square + eps))
    return (normalised * weight).to(x.dtype)
