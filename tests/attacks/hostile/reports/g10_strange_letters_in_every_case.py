"""Prints as many characters in every case as the judge keeps, of the kind that takes most room once it is escaped.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print("\U000e0041" * 5000)
    return x
