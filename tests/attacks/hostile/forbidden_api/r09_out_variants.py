"""Calls the variants that write into a given tensor.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    out, mean, inverse = torch.empty_like(x), torch.empty_like(gamma), torch.empty_like(gamma)
    with torch.no_grad():
        torch.native_batch_norm(
            x, gamma, beta, running_mean, running_var, training, momentum, eps, out=(out, mean, inverse)
        )
    return out
