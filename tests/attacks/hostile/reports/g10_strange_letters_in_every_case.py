"""Prints as much as the judge keeps in every case, in characters that take most room once escaped.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print("\U000e0041" * 5000)
    return x
