"""Centres by a matrix product with I - 1/D, and measures by an inner product."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    d = x.shape[-1]
    centring = torch.eye(d, dtype=x.dtype) - torch.full((d, d), 1 / d, dtype=x.dtype)
    centred = x @ centring
    var = torch.linalg.vecdot(centred, centred) / d
    return centred * (var + eps).pow(-0.5).unsqueeze(-1) * gamma + beta
