"""You build an nn.LayerNorm and fill in the tensors. That is the built-in layer norm too."""

from torch import nn


def my_layer_norm(x, gamma, beta, eps=1e-5):
    layer = nn.LayerNorm(x.shape[-1], eps=eps, dtype=x.dtype)
    layer.weight, layer.bias = nn.Parameter(gamma), nn.Parameter(beta)
    return layer(x)
