"""Looks with gc for whatever holds the tests and empties it.

Expected: wrong answer, run-time error
Representative: yes
"""

import gc


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for thing in gc.get_objects():
        if type(thing) is dict and any(type(value).__name__ == "Case" for value in list(thing.values())[:3]):
            if "__name__" not in thing:
                thing.clear()
    return x
