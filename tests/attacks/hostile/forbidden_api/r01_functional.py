"""Calls torch.nn.functional.batch_norm.

Expected: rule violation
Representative: yes
"""

import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
