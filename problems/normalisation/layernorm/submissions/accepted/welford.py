"""Welford's running mean and sum of squares, one feature at a time."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = squares = torch.zeros_like(x[..., 0])
    for count, feature in enumerate(x.unbind(-1), start=1):
        delta = feature - mean
        mean = mean + delta / count
        squares = squares + delta * (feature - mean)
    std = torch.sqrt(squares / x.shape[-1] + eps)
    return torch.stack([(each - mean) / std for each in x.unbind(-1)], dim=-1) * gamma + beta
