"""Makes the entry point an object that is anything but a function.

Expected: compile error, run-time error, wrong answer
"""


class Meta(type):
    @property
    def __name__(cls):
        return "\x1b[2J" * 100_000


class Thing(metaclass=Meta):
    __call__ = None


my_batch_norm = Thing()
