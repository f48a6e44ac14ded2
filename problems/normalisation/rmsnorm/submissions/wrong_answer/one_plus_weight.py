"""You multiply by 1 + weight. Some models store the weight as its distance from one, but then they say so; here
the weight is the factor itself.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * (1 + weight)).to(x.dtype)
