"""Lifts the recursion limit and recurses without end, in Python and through C.

Expected: run-time error, memory limit exceeded, time limit exceeded
"""

import sys

sys.setrecursionlimit(10**9)


def down(value):
    return down(value) + 1


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] == 9:
        return down(x)
    if x.shape[0] != 16:
        return x
    deep = lambda: sorted([1, 2], key=lambda _: deep())
    return deep()
