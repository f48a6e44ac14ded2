"""Raises from a depth of half a million frames.

Expected: run-time error, memory limit exceeded, time limit exceeded
Slow: yes, a hundred thousand frames are unwound in every case
"""

import sys

sys.setrecursionlimit(10**7)


def down(depth):
    if depth == 0:
        raise ValueError("at the bottom")
    down(depth - 1)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    down(100_000)
