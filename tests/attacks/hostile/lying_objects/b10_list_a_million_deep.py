"""Returns a list nested a million deep.

Expected: wrong answer, run-time error, memory limit exceeded
Slow: yes, a million lists are made and thrown away
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] != 9:
        return x
    deep = []
    for _ in range(1_000_000):
        deep = [deep]
    return deep
