"""You return x as it is. Nothing is normalised."""

import torch


def rms_norm(x, weight, eps=1e-6):
    return x * torch.ones_like(weight)
