"""Seeds the global generators inside the call and returns what the next draw would be.

Expected: wrong answer, run-time error
"""

import numpy as np
import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    torch.manual_seed(0)
    np.random.seed(0)
    return torch.randn(x.shape, dtype=x.dtype) * gamma + beta
