"""You flatten with view, which needs numbers that lie side by side. A transposed tensor has none such; reshape copies it."""

import torch


def relu(x):
    flat = x.view(-1)
    return torch.where(flat > 0, flat, torch.zeros_like(flat)).view(x.shape)
