"""Writes into local variables of the frames above by PyFrame_LocalsToFast: verdict, observation, seed.

Expected: wrong answer, run-time error
"""

import ctypes
import sys


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame = sys._getframe(1)
    while frame is not None:
        for name in ("verdict", "header", "expected", "passed", "seed", "rng", "observation"):
            if name in frame.f_locals:
                frame.f_locals[name] = None if name in ("verdict", "observation") else {"verdict": "accepted"}
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        frame = frame.f_back
    return x
