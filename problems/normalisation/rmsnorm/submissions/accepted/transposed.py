"""The vectors as columns; keyword-only eps, other names for the parameters."""

import torch


def rms_norm(activations, gain, *, eps=1e-6):
    wide = activations.movedim(-1, 0)
    wide = wide if wide.dtype == torch.float64 else wide.float()
    size = wide.square().sum(0).div(wide.shape[0]).add(eps).sqrt()
    return (wide / size).movedim(0, -1).mul(gain).to(activations.dtype)
