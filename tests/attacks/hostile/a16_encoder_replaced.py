"""Finds the wire module through the frames above and has it encode the input in the place of every result.

Expected: wrong answer, run-time error
"""

import sys


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame = sys._getframe(1)
    while frame is not None:
        codec, send = frame.f_globals.get("codec"), frame.f_globals.get("send_message")
        if codec is not None:
            codec.encode = lambda value: (["none"], b"")
        if send is not None:
            send.__globals__["pack_message"].__code__ = (lambda message: b"tj1\n" + bytes(8)).__code__
        frame = frame.f_back
    return x
