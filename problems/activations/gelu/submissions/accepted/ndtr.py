"""Φ under its name in torch.special."""

import torch


def my_gelu(x):
    return x * torch.special.ndtr(x)
