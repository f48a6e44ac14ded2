"""Raises NotImplementedError everywhere, as the starter does.

Expected: run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    raise NotImplementedError
