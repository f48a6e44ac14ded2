"""Sets the counters and status objects of a harness that shares memory with its worker, then ends politely.

Expected: wrong answer, run-time error
"""

import os
import sys


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame = sys._getframe(1)
    while frame is not None:
        for value in list(frame.f_locals.values()):
            for name in ("value", "passed", "ok", "verdict"):
                try:
                    setattr(value, name, 1)
                except Exception:
                    pass
        frame = frame.f_back
    os._exit(0)
