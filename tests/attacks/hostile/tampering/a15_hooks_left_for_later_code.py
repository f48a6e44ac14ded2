"""Installs trace, profile, audit, exit and exception hooks that end the process politely.

Expected: wrong answer, run-time error
"""

import atexit
import os
import sys
import threading

sys.excepthook = lambda *_a: os._exit(0)
sys.unraisablehook = lambda *_a: None
threading.excepthook = lambda *_a: None
atexit.register(os._exit, 0)


def trace(frame, event, argument):
    if frame.f_code.co_name in ("_observe", "encode", "pack") and event == "call":
        frame.f_locals.clear()
    return trace


sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
