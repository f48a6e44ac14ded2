"""Returns an object that is equal to everything, has every attribute and is always true.

Expected: wrong answer, run-time error
"""


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __len__(self):
        return 1 << 60

    def __getattr__(self, name):
        return self

    def __call__(self, *_a, **_k):
        return self

    def __iter__(self):
        while True:
            yield self

    def __float__(self):
        return 0.0

    def __hash__(self):
        return 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return AlwaysEqual()
