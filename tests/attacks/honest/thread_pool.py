"""Maps over features with a thread pool.

Expected: accepted
"""

from concurrent.futures import ThreadPoolExecutor

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    def one(n):
        column = x[:, n]
        if training:
            m = column.mean()
            v = (column - m).square().mean()
            with torch.no_grad():
                running_mean[n] = (1 - momentum) * running_mean[n] + momentum * m
                running_var[n] = (1 - momentum) * running_var[n] + momentum * v
        else:
            m, v = running_mean[n], running_var[n]
        return gamma[n] * (column - m) / torch.sqrt(v + eps) + beta[n]

    with ThreadPoolExecutor(4) as pool:
        return torch.stack(list(pool.map(one, range(x.shape[1]))), dim=1)
