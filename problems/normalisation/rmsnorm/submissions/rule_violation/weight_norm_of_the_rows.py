"""You use weight normalisation, which gives each row a chosen length. It is a built-in normalisation too."""

import torch


def rms_norm(x, weight, eps=1e-6):
    rows = x.reshape(-1, x.shape[-1])
    padded = torch.cat([rows, torch.full_like(rows[:, :1], (eps * x.shape[-1]) ** 0.5)], dim=1)
    lengths = torch.full_like(rows[:, :1], x.shape[-1] ** 0.5)
    return torch._weight_norm(padded, lengths, 0)[:, :-1].reshape(x.shape) * weight
