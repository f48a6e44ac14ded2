"""Returns uninitialised memory, in the hope that the expected result was freed there.

Expected: wrong answer, run-time error
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    del_me = [torch.empty_like(x) for _ in range(100)]
    return del_me[37] + 0 * (x + gamma + beta)
