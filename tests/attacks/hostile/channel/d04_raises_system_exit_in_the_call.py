"""Raises SystemExit(0), KeyboardInterrupt and GeneratorExit in turn.

Expected: run-time error
"""

import sys

calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    raise [
        SystemExit(0),
        KeyboardInterrupt(),
        GeneratorExit(),
        SystemExit("All tests passed"),
        StopIteration(),
        EOFError(),
    ][x.shape[0] % 6]
