"""Adds up rows by recursion, with generators, closures and a walrus.

Expected: accepted
"""

import torch


def total(rows):
    if (count := len(rows)) == 1:
        return rows[0]
    return total(rows[: count // 2]) + total(rows[count // 2 :])


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    def statistics():
        yield (mean := total(list(x)) / len(x))
        yield total([(row - mean) ** 2 for row in x]) / len(x)

    mean, var = statistics() if training else (running_mean, running_var)
    if training:
        with torch.no_grad():
            for running, new in zip((running_mean, running_var), (mean, var), strict=True):
                running += momentum * (new - running)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
