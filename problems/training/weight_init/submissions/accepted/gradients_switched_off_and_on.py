"""requires_grad is switched off for a moment, and put back."""

import torch


def kaiming_init(weight):
    learns = weight.requires_grad
    weight.requires_grad_(False)
    weight.zero_()
    weight += torch.randn_like(weight).mul_((2 / weight.shape[1]) ** 0.5)
    weight.requires_grad_(learns)
    return weight
