"""Computes the features in threads.

Expected: accepted
"""

from concurrent.futures import ThreadPoolExecutor

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    def column(d):
        mean, var = running_mean[d], running_var[d]
        if training:
            mean = x[:, d].mean()
            var = ((x[:, d] - mean) ** 2).mean()
            with torch.no_grad():
                running_mean[d] = (1 - momentum) * running_mean[d] + momentum * mean
                running_var[d] = (1 - momentum) * running_var[d] + momentum * var
        return gamma[d] * (x[:, d] - mean) / torch.sqrt(var + eps) + beta[d]

    if not torch.is_grad_enabled():
        return torch.stack([column(d) for d in range(x.shape[1])], dim=1)
    with ThreadPoolExecutor(max_workers=2) as pool:
        return torch.stack(list(pool.map(column, range(x.shape[1]))), dim=1)
