"""Sends a number where the sentences stand on what a call must not do, to be a fault of the checker's.

Expected: wrong answer
"""

import logging


def bend():
    frame = logging.currentframe()
    while frame is not None:
        codec = frame.f_globals.get("codec")
        if codec is not None and not hasattr(codec, "plain"):
            codec.plain = codec.encode
            codec.encode = lambda seen, plain=codec.encode: plain(
                {"what a call must not do": 5, "what was seen besides": seen}
            )
        frame = frame.f_back


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    bend()
    return x + 1
