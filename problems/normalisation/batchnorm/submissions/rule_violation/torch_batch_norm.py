"""You call torch.batch_norm, which is where F.batch_norm ends."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch.batch_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps, False)
