"""You call the operator beneath the built-in layer norm. The rule holds for every route."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return torch.ops.aten.native_layer_norm(x, gamma.shape, gamma, beta, eps)[0]
