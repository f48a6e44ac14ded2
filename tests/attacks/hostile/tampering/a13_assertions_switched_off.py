"""Removes AssertionError and switches assertions off, so that a grader made of asserts says nothing.

Expected: wrong answer, run-time error
"""

import builtins
import os

os.environ["PYTHONOPTIMIZE"] = "2"
builtins.AssertionError = type("Quiet", (BaseException,), {"__new__": lambda *_a: SystemExit(0)})


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
