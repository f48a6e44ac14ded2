"""You build an nn.BatchNorm1d and fill in the tensors. That is the built-in batch norm too."""

from torch import nn


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    layer = nn.BatchNorm1d(x.shape[1], eps=eps, momentum=momentum, dtype=x.dtype)
    layer.weight, layer.bias = nn.Parameter(gamma), nn.Parameter(beta)
    layer.running_mean, layer.running_var = running_mean, running_var
    return layer.train(training)(x)
