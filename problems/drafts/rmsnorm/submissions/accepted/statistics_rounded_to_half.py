"""The mean square has the dtype of x."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True).to(x.dtype)
    return x / torch.sqrt(mean_square + eps) * weight
