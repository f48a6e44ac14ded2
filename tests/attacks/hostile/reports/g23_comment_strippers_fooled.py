"""Hides a forbidden call from linters that cut lines at # or at //.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    a = 4 // 2
    import torch.nn.functional as F

    s = "#"
    out = F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
    return out
