"""The mean of the squares as a product with a matrix of equal numbers."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x.float() if torch.finfo(x.dtype).bits < 32 else x
    d = x.shape[-1]
    averaging = torch.full((d, 1), 1 / d, dtype=wide.dtype)
    mean_square = torch.matmul(wide * wide, averaging)
    return (wide * weight.to(wide.dtype) * torch.pow(mean_square + eps, -0.5)).to(x.dtype)
