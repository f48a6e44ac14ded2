"""You map the built-in batch norm over the features with vmap. It ends at the same operator."""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
    running_mean.lerp_(x.detach().mean(0), momentum)
    running_var.lerp_(x.detach().var(0, unbiased=False), momentum)
    per_feature = torch.vmap(lambda column: F.batch_norm(column[:, None], None, None, training=True, eps=eps)[:, 0])
    return gamma * per_feature(x.T).T + beta
