"""You build an nn.GroupNorm and put gamma and beta in. That is the built-in group norm too."""

from torch import nn


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    layer = nn.GroupNorm(num_groups, x.shape[1], eps=eps, dtype=x.dtype)
    layer.weight, layer.bias = nn.Parameter(gamma), nn.Parameter(beta)
    return layer(x)
