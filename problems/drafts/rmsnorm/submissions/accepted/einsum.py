"""The mean square as an einsum, for any number of dimensions."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x.double()
    inverse = (torch.einsum("...d,...d->...", wide, wide) / x.shape[-1] + eps) ** -0.5
    return torch.einsum("...d,...,d->...d", wide, inverse, weight.double()).to(x.dtype)
