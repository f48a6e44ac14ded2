"""You call torch.rms_norm, which is where F.rms_norm ends."""

import torch


def rms_norm(x, weight, eps=1e-6):
    return torch.rms_norm(x, list(weight.shape), weight, eps)
