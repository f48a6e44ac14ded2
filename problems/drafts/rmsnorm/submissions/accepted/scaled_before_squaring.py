"""Divides by the largest number first, so that no square can overflow."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    largest = wide.detach().abs().amax(dim=-1, keepdim=True).clamp(min=1e-12)
    small = wide / largest
    rms = largest * torch.sqrt(small.pow(2).mean(dim=-1, keepdim=True) + eps / largest**2)
    return (wide * (weight / rms)).to(x.dtype)
