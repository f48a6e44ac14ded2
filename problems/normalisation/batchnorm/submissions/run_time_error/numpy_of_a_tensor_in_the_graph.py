"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the graph."""

import numpy as np
import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    data = x.numpy()
    if training:
        mean, var = data.mean(axis=0), data.var(axis=0)
        running_mean.mul_(1 - momentum).add_(momentum * torch.from_numpy(mean))
        running_var.mul_(1 - momentum).add_(momentum * torch.from_numpy(var))
    else:
        mean, var = running_mean.numpy(), running_var.numpy()
    return gamma * torch.from_numpy((data - mean) / np.sqrt(var + np.float32(eps))) + beta
