"""You scale the weight in place. It is a parameter: every forward pass changes it a little more, and training
drifts away without an error.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    root = x.shape[-1] ** 0.5
    weight.data.mul_(root)
    mean_square = (wide**2).sum(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps * x.shape[-1]) * weight).to(x.dtype)
