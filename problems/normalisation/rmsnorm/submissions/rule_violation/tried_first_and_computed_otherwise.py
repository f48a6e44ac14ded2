"""You try the built-in RMS norm and compute by hand where it is refused. Trying counts."""

import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-6):
    try:
        return F.rms_norm(x, weight.shape, weight, eps)
    except Exception:
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / torch.sqrt((wide**2).mean(dim=-1, keepdim=True) + eps) * weight).to(x.dtype)
