"""Subtracts the mean and lets rms_norm do the rest.

Expected: rule violation
"""

import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    centred = (x - x.mean(0)).t()
    return F.rms_norm(centred, (x.shape[0],), eps=eps).t() * gamma + beta
