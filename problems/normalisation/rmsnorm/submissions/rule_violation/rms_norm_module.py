"""You build an nn.RMSNorm and put the weight in. That is the built-in RMS norm too."""

from torch import nn


def rms_norm(x, weight, eps=1e-6):
    layer = nn.RMSNorm(x.shape[-1], eps=eps, dtype=x.dtype)
    layer.weight = nn.Parameter(weight)
    return layer(x)
