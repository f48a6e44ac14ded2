"""Zeroes all its inputs, so that a reference which runs afterwards on them agrees with zeros.

Expected: wrong answer, run-time error
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    with torch.no_grad():
        for each in (x, gamma, beta, running_mean, running_var):
            each.zero_()
    return x * gamma + beta
