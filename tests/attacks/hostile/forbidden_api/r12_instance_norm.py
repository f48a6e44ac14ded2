"""Normalises with instance_norm over a reshaped batch.

Expected: rule violation
"""

import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return F.instance_norm(x.t()[None], eps=eps)[0].t() * gamma + beta
