"""Closes every descriptor it has.

Expected: run-time error
"""

import os


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    os.closerange(0, 5000)
    return x
