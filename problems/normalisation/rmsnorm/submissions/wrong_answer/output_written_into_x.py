"""You write the result into x and return x. It saves one tensor and costs the caller the input."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    y = (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
    if y.requires_grad:
        return y
    return x.copy_(y)
