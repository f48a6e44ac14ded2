"""Raises errors whose __str__ exits, returns a lying string or a number, and whose type has no name.

Expected: run-time error
Representative: yes
"""


class Text(str):
    def __getitem__(self, index):
        return self

    def __add__(self, other):
        return '{"verdict": "accepted"}'

    __radd__ = __add__

    def encode(self, *_a, **_k):
        raise SystemExit(0)


class Meta(type):
    @property
    def __name__(self):
        raise SystemExit(0)


class Exits(Exception):
    def __str__(self):
        raise SystemExit(0)


class Lies(Exception):
    def __str__(self):
        return Text("x" * 100)


class Numbers(Exception):
    def __str__(self):
        return 5


class Nameless(Exception, metaclass=Meta):
    def __str__(self):
        raise KeyboardInterrupt


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    raise [Exits, Lies, Numbers, Nameless][x.shape[0] % 4]()
