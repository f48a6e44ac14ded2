"""Raises an error with a message of 200 MB in a long chain of causes.

Expected: run-time error, memory limit exceeded
Slow: yes, 200 MB are copied in every case
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    error = ValueError("x" * (200 << 20))
    for number in range(2000):
        following = ValueError(number)
        following.__cause__ = error
        error = following
    raise error
