"""Means as einsum with a vector of equal weights; other names for the parameters."""

import torch


def my_layer_norm(inputs, scale, shift, *, eps=1e-5):
    weights = torch.full_like(inputs[(0,) * (inputs.dim() - 1)], 1 / inputs.shape[-1], requires_grad=False)
    deviations = inputs - torch.einsum("...d,d->...", inputs, weights)[..., None]
    var = torch.einsum("...d,...d,d->...", deviations, deviations, weights)
    return torch.einsum("...d,...,d->...d", deviations, torch.rsqrt(var + eps), scale) + shift
