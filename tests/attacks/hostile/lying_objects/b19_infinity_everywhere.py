"""Returns infinities, whose differences are NaN.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    running_var.fill_(float("inf"))
    return (x * 0 + gamma * 0 + beta * 0) + float("inf")
