"""You return zeros of the right shape, for instance a result that was allocated and never filled."""

import torch


def rms_norm(x, weight, eps=1e-6):
    return torch.zeros_like(x) * weight
