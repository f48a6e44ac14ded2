"""Finds the worker object with gc and replaces its methods by ones that report success.

Expected: wrong answer, run-time error
Slow: yes, gc walks all objects, and the worker starts anew
"""

import gc


def accepted(self, name):
    return {"case": name, "verdict": "accepted", "message": "all tests passed", "observation": None}, b""


def take_over():
    for thing in gc.get_objects():
        if type(thing).__name__ == "Worker":
            type(thing).run = accepted
            type(thing).load = lambda self: {"loaded": True, "verdict": "accepted"}


take_over()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
