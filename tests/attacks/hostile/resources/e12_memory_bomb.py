"""Allocates tensors until there is no memory left, and keeps them.

Expected: memory limit exceeded
Slow: yes, all memory that is allowed is touched in every case
"""

import torch

kept = []


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    while True:
        kept.append(torch.ones(1 << 26))
