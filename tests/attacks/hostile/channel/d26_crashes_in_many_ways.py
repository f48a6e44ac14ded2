"""Crashes in C: null pointers, aborts, illegal instructions, bad bytecode, every signal in turn.

Expected: run-time error, memory limit exceeded, time limit exceeded
"""

import ctypes
import os
import signal
import types

calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    kind = x.shape[0] % 6
    if kind == 0:
        ctypes.string_at(0)
    elif kind == 1:
        os.abort()
    elif kind == 2:
        os.kill(os.getpid(), signal.SIGILL)
    elif kind == 3:
        code = my_batch_norm.__code__.replace(co_code=bytes([100, 255] * 8), co_consts=())
        types.FunctionType(code, {})(*range(5))
    elif kind == 4:
        os.kill(os.getpid(), signal.SIGXCPU)
    os.kill(os.getpid(), 64)
