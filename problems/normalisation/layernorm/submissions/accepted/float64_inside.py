"""Computes in float64 and casts back to the dtype of x."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    wide = x.double()
    wide = wide - wide.mean(dim=-1, keepdim=True)
    wide = wide / torch.sqrt(wide.pow(2).mean(dim=-1, keepdim=True) + eps)
    return (wide * gamma.double() + beta.double()).to(x.dtype)
