"""Finds the wire module through the frames above and has it encode the input in the place of every result.

Expected: wrong answer, run-time error
"""

import sys


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame = sys._getframe(1)
    while frame is not None:
        wire = frame.f_globals.get("wire")
        if wire is not None:
            wire.encode = lambda value: (["none"], b"")
            wire.pack.__code__ = (lambda header, body=b"": b"tj1\n" + bytes(8)).__code__
        frame = frame.f_back
    return x
