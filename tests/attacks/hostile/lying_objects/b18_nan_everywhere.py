"""Returns NaN, which no inequality ever contradicts, and puts it into the running statistics.

Expected: wrong answer, run-time error
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    running_mean.fill_(float("nan"))
    running_var.fill_(float("nan"))
    return (x + gamma + beta) * float("nan")
