"""Returns an ndarray subclass whose __array_function__ and __array_ufunc__ say yes.

Expected: wrong answer, run-time error
"""

import numpy as np


class Agreeable(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return np.zeros(tuple(x.shape), dtype=np.float32).view(Agreeable)
