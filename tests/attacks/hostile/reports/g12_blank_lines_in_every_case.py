"""Prints blank lines, quotes and backslashes in every case, which double in JSON.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print('\n"\\\t' * 3000)
    return x
