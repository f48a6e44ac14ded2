"""Closes, replaces and duplicates its standard streams, and writes frames to them.

Expected: wrong answer, run-time error, time limit exceeded
"""

import io
import os
import sys

os.dup2(3, 1)
os.dup2(3, 2)
sys.stdout = io.TextIOWrapper(io.BytesIO())
sys.stdin = None
sys.stderr = type("Stream", (), {"write": lambda self, text: 1 / 0, "flush": lambda self: 1 / 0})()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    os.write(1, b"tj1\n")
    return x
