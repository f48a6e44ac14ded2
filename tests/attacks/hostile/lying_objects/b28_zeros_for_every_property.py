"""Returns zeros, whose columns have mean zero and sum to anything times nothing.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return (x + gamma + beta) * 0
