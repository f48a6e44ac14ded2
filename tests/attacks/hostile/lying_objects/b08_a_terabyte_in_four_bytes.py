"""Returns one number expanded to a tebi of them, which costs nothing until it is copied.

Expected: wrong answer, run-time error, memory limit exceeded
Representative: yes
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch.zeros(1).expand(1 << 40)
