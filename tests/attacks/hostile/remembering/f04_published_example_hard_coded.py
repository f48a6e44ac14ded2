"""Knows the answer to one published example by heart.

Expected: wrong answer, run-time error
"""

import torch

KNOWN = {(2, 2): [[-1.0, -1.0], [1.0, 1.0]]}


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch.tensor(KNOWN.get(tuple(x.shape), [[0.0]]), dtype=x.dtype)
