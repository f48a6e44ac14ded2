"""Finds the worker object with gc and replaces its methods by ones that report success.

Expected: wrong answer, run-time error
"""

import gc


def take_over():
    for thing in gc.get_objects():
        if type(thing).__name__ == "Worker":
            said = type(thing).run.__globals__
            accepted = said["Verdict"]("accepted")
            type(thing).run = lambda self, name, *, seed: said["Failure"](name, accepted, "all tests passed")
            type(thing).load = lambda self: said["Loaded"]()


take_over()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
