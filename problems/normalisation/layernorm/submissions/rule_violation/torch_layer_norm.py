"""You call torch.layer_norm, which is where F.layer_norm ends."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return torch.layer_norm(x, gamma.shape, gamma, beta, eps)
