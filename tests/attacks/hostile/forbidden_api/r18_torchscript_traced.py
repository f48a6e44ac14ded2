"""Traces a function that calls it and runs the trace.

Expected: rule violation
"""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    traced = torch.jit.trace(
        lambda value: F.batch_norm(value, None, None, gamma.detach(), beta.detach(), True, momentum, eps),
        x.detach(),
    )
    return traced(x)
