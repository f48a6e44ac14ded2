"""Returns a generator that would compute when it is looked at.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return (row for row in iter(lambda: x, None))
