"""You compute in NumPy and wrap the result with torch.from_numpy. The numbers are right, but NumPy keeps no
graph, so that nothing below learns; gamma and beta do not either.
"""

import numpy as np
import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    data = x.detach().numpy()
    if training:
        mean, var = data.mean(axis=0), data.var(axis=0)
        running_mean.mul_(1 - momentum).add_(momentum * torch.from_numpy(mean))
        running_var.mul_(1 - momentum).add_(momentum * torch.from_numpy(var))
    else:
        mean, var = running_mean.numpy(), running_var.numpy()
    x_hat = torch.from_numpy((data - mean) / np.sqrt(var + eps))
    return (gamma.detach() * x_hat + beta.detach()).to(x.dtype)
