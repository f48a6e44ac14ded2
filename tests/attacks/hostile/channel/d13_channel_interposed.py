"""Puts a pipe of its own in the place of the channel and filters what goes through it.

Expected: wrong answer, run-time error, time limit exceeded
"""

import os
import threading

mine = os.dup(3)
readable, writable = os.pipe()
os.dup2(writable, 3)


def forward():
    while True:
        chunk = os.read(readable, 1 << 16)
        if not chunk:
            return
        os.write(mine, chunk.replace(b'"wrong answer"', b'"accepted"    ').replace(b"float32", b"float64"))


threading.Thread(target=forward, daemon=True).start()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
