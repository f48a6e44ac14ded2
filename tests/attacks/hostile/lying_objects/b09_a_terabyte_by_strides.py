"""Returns NumPy and torch views with stride zero and negative strides over gigabytes.

Expected: wrong answer, run-time error, memory limit exceeded
"""

import numpy as np
import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] % 2:
        return np.broadcast_to(np.float32(0), (1 << 20, 1 << 20))
    return torch.as_strided(torch.zeros(1), (1 << 18, 1 << 18), (0, 0))
