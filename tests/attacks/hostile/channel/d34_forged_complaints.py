"""Forges what is sent on what a call must not do: a number in one case, a sentence of a megabyte in the next.

Expected: wrong answer
"""

import itertools
import logging

FORGED = itertools.cycle([5, ["\x1b[32m" + "A" * 1_000_000]])


def bend():
    frame = logging.currentframe()
    while frame is not None:
        codec = frame.f_globals.get("codec")
        if codec is not None and not hasattr(codec, "plain"):
            codec.plain = codec.encode
            codec.encode = lambda seen, plain=codec.encode: plain(
                {"what a call must not do": next(FORGED), "what was seen besides": seen}
            )
        frame = frame.f_back


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    bend()
    return x + 1
