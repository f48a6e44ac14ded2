"""Registers os._exit(0) for the end of the process, then crashes.

Expected: run-time error, wrong answer
"""

import atexit
import os

atexit.register(os._exit, 0)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    raise SystemError("crash")
