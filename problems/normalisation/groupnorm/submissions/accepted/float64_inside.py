"""Computes in float64 and casts back to the dtype of x; mean of squares, which float64 can afford."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    if x.shape[1] % num_groups:
        raise ValueError("uneven groups")
    wide = x.double().reshape(x.shape[0], num_groups, -1)
    mean = wide.mean(2, keepdim=True)
    var = (wide - mean).square().mean(2, keepdim=True)
    y = ((wide - mean) / (var + eps).sqrt()).reshape(*x.shape[:2], -1)
    y = torch.addcmul(beta.double()[:, None], y, gamma.double()[:, None])
    return y.reshape(x.shape).to(x.dtype)
