"""Imports a helper that is not there.

Expected: run-time error
"""

from helper_of_the_learner import batch_norm


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return batch_norm(x)
