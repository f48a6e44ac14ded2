"""Returns one number that broadcasts against every expected shape.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return (x * gamma + beta).mean()
