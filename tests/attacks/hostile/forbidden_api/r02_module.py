"""Uses the module BatchNorm1d and copies its statistics.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    layer = torch.nn.BatchNorm1d(x.shape[1], eps=eps, momentum=momentum, dtype=x.dtype).train(training)
    layer.weight, layer.bias = torch.nn.Parameter(gamma.detach()), torch.nn.Parameter(beta.detach())
    layer.running_mean.copy_(running_mean)
    layer.running_var.copy_(running_var)
    return layer(x)
