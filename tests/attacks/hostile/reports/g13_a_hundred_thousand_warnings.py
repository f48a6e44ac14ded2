"""Warns a hundred thousand times, each time anew.

Expected: wrong answer, run-time error
Slow: yes, a hundred thousand warnings are written
"""

import warnings

warnings.simplefilter("always")


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] in (7, 9):
        for number in range(50_000):
            warnings.warn(f"warning {number} \x1b[31m", RuntimeWarning, stacklevel=1)
    return x
