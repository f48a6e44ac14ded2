"""Finds the frame of the judge's loop and replaces what it will send.

Expected: wrong answer, run-time error
"""

import sys


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame = sys._getframe(1)
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if type(value).__name__ == "Worker":
                value._blame.violations = []
                value._cases = dict.fromkeys(value._cases, next(iter(value._cases.values())))
        frame = frame.f_back
    return x
