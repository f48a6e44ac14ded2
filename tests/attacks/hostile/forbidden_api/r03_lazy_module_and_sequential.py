"""Uses LazyBatchNorm1d inside a Sequential, traced by torch.fx.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    layer = torch.nn.Sequential(torch.nn.LazyBatchNorm1d(eps=eps, momentum=momentum)).train(training)
    try:
        layer(x)
    except Exception:
        pass
    return torch.fx.symbolic_trace(layer)(x)
