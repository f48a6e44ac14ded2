"""Gives its entry point a signature object that runs code and prints terminal commands.

Expected: run-time error, compile error, wrong answer, time limit exceeded
"""

import inspect


class Signature(inspect.Signature):
    def bind(self, *_a, **_k):
        raise TypeError("\x1b[2Jaccepted" * 1000)

    def __str__(self):
        return "\x1b[32m\u202e" * 100_000

    def __format__(self, _spec):
        return str(self)


class Callable:
    __signature__ = Signature()

    def __call__(self, *_a, **_k):
        return None


my_batch_norm = Callable()
