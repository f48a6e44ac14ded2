"""Replaces the code of every case by one that observes nothing.

Expected: wrong answer, run-time error
"""

import gc


def nothing(entry_point, rng):
    return None


for thing in gc.get_objects():
    if type(thing).__name__ == "Case":
        thing.function.__code__ = nothing.__code__


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
