"""Searches all objects and the heap of its own process for a text that only the jury solution has.

Expected: wrong answer, run-time error
"""

import ctypes
import gc
import sys

MARK = b"Algorithm " + b"2: at inference one row"
done = False


def strings():
    for thing in gc.get_objects():
        inner = (
            list(thing.values()) + list(thing.keys())
            if type(thing) is dict
            else thing
            if type(thing) in (list, tuple, set)
            else ()
        )
        for each in inner:
            if type(each) in (str, bytes):
                yield each


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for each in strings():
            text = each.encode("utf-8", "replace") if type(each) is str else each
            if MARK in text and b"def my_batch_norm" in text and b"MARK" not in text:
                print("LEAKED: the jury solution is in memory", text[:80])
        for name in ("solution", "cases"):
            if hasattr(sys.modules.get(name), "my_batch_norm"):
                print("LEAKED: the module", name)
    return x
