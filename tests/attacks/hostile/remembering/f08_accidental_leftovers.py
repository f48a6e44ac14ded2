"""What a learner leaves behind by accident: a patched allclose, a plot, an input() and a breakpoint.

Expected: wrong answer, run-time error
"""

import torch

torch.allclose = lambda *_a, **_k: True


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    input("press return")
    breakpoint()
    return x
