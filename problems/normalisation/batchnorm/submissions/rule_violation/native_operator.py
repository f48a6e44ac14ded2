"""You call the operator beneath the built-in batch norm. The rule holds for every route."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch.ops.aten.native_batch_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[0]
