"""Normalises the transposed batch with layer_norm.

Expected: rule violation
"""

import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return F.layer_norm(x.t(), (x.shape[0],), eps=eps).t() * gamma + beta
